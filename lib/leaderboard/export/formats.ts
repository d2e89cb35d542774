/** Writes a view of a board as a file; every format has the same rows in the same order. */
import { parquetWriteBuffer } from "hyparquet-writer";
import type { BoardEntry } from "../board-entry";
import type { BoardView } from "../board-view";
import { csvOf } from "./csv";
import { latexText } from "./latex-text";
import { markdownTable } from "./markdown";
import { exportColumns, printedColumns } from "./table";

export interface Exported {
  benchmark: { slug: string; version: number; title: string };
  view: BoardView;
  rows: readonly BoardEntry[];
}

export interface ExportFormat {
  /** Its name in a menu. */
  label: string;
  mediaType: string;
  extension: string;
  write: (exported: Exported) => string | Uint8Array<ArrayBuffer>;
}

export const exportFormats = {
  csv: { label: "CSV", mediaType: "text/csv; charset=utf-8", extension: "csv", write: csv },
  "csv-excel": { label: "CSV for Excel", mediaType: "text/csv; charset=utf-8", extension: "csv", write: csvForExcel },
  json: { label: "JSON", mediaType: "application/json", extension: "json", write: json },
  parquet: { label: "Parquet", mediaType: "application/vnd.apache.parquet", extension: "parquet", write: parquet },
  markdown: { label: "Markdown", mediaType: "text/markdown; charset=utf-8", extension: "md", write: markdown },
  latex: { label: "LaTeX", mediaType: "application/x-latex; charset=utf-8", extension: "tex", write: latex },
} as const satisfies Record<string, ExportFormat>;

export type ExportFormatName = keyof typeof exportFormats;
export const exportFormatNames = Object.keys(exportFormats) as [ExportFormatName, ...ExportFormatName[]];

function csv({ view, rows }: Exported): string {
  const columns = exportColumns(view);
  return csvOf([columns.map(({ name }) => name), ...rows.map((row) => columns.map(({ value }) => value(row)))]);
}

/** With a byte order mark, without which Excel takes UTF-8 for an older encoding and garbles β. */
function csvForExcel(exported: Exported): string {
  return `\ufeff${csv(exported)}`;
}

function json({ benchmark: { slug, version }, view, rows }: Exported): string {
  const columns = exportColumns(view);
  const objects = rows.map((row) => Object.fromEntries(columns.map(({ name, value }) => [name, value(row)])));
  return JSON.stringify({ benchmark: slug, version, division: view.division, rows: objects }, null, 1);
}

const parquetTypes = { text: "STRING", number: "DOUBLE", integer: "INT32" } as const;

function parquet({ benchmark: { slug, version }, view, rows }: Exported): Uint8Array<ArrayBuffer> {
  const columnData = exportColumns(view).map(({ name, type, value }) => ({
    name,
    type: parquetTypes[type],
    nullable: true,
    data: rows.map(value),
  }));
  const kvMetadata = Object.entries({ benchmark: slug, version: String(version), division: view.division }).map(
    ([key, value]) => ({ key, value }),
  );
  return new Uint8Array(parquetWriteBuffer({ columnData, kvMetadata }));
}

/** A table in GitHub's Markdown. */
function markdown({ view, rows }: Exported): string {
  const columns = printedColumns(view);
  return markdownTable(
    columns,
    rows.map((row) => columns.map(({ print }) => print(row))),
  );
}

/** A LaTeX tabular that uses the booktabs package. */
function latex({ benchmark: { title, slug, version }, view, rows }: Exported): string {
  const columns = printedColumns(view);
  const line = (cells: readonly string[]) => {
    const text = cells.join(" & ");
    return `${/^[[*]/.test(text) ? "{}" : ""}${text} \\\\\n`; // \\ would take [ or * for its own
  };
  return [
    `% ${slug}, version ${version}, ${view.division} division; \\usepackage{booktabs}\n`,
    "\\begin{table}\n\\centering\n",
    `\\caption{${latexText(title)}: mean $\\pm$ half the 95\\,\\% interval over seeds.}\n`,
    `\\begin{tabular}{${columns.map(({ numeric }) => (numeric ? "r" : "l")).join("")}}\n\\toprule\n`,
    line(columns.map(({ head }) => latexText(head))),
    "\\midrule\n",
    ...rows.map((row) => line(columns.map(({ print, latex }) => latex?.(row) ?? latexText(print(row))))),
    "\\bottomrule\n\\end{tabular}\n\\end{table}\n",
  ].join("");
}
