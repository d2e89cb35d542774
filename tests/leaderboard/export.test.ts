import { parse } from "csv-parse/sync";
import fc from "fast-check";
import { parquetReadObjects } from "hyparquet";
import type { Table } from "mdast";
import { fromMarkdown } from "mdast-util-from-markdown";
import { gfmFromMarkdown } from "mdast-util-gfm";
import { toString as textOf } from "mdast-util-to-string";
import { gfm } from "micromark-extension-gfm";
import { describe, expect, it } from "vitest";
import type { BoardEntry, BoardView, Exported } from "@/lib/leaderboard";
import { boardColumns, changeView, exportFormats, readBoardView } from "@/lib/leaderboard";
import { printedColumns } from "@/lib/leaderboard/export/table";
import { isText } from "@/lib/records/text";
import { rows } from "./a-row";

const benchmark = { slug: "digits-mlp", version: 3, title: "Digits & co" };

const exporteds: fc.Arbitrary<Exported> = fc
  .record({
    rows: fc.array(rows, { maxLength: 12 }),
    columns: fc.subarray([...boardColumns]),
    seeds: fc.constantFrom("together", "each"),
  })
  .map(({ rows, columns, seeds }) => ({
    benchmark,
    rows,
    view: changeView(readBoardView({}), { columns, seeds: seeds as BoardView["seeds"] }),
  }));

const exportAs = (format: keyof typeof exportFormats, exported: Exported): string =>
  exportFormats[format].write(exported) as string;

const asJson = (exported: Exported) =>
  (JSON.parse(exportAs("json", exported)) as { rows: Record<string, string | number | null>[] }).rows;

/** The cells of a file of CSV, by csv-parse. */
const readCsv = (text: string): string[][] => parse(text, { bom: true, recordDelimiter: "\r\n" });

/** The cells of a table in Markdown as GitHub reads it, by micromark. */
function readMarkdown(text: string): string[][] {
  const { children } = fromMarkdown(text, { extensions: [gfm()], mdastExtensions: [gfmFromMarkdown()] });
  expect(children.map(({ type }) => type)).toEqual(["table"]);
  const [table] = children as [Table];
  return table.children.map((line) => {
    for (const { children } of line.children)
      expect(children.every(({ type }) => type === "text" || type === "link")).toBe(true); // no markup
    return line.children.map((cell) => textOf(cell));
  });
}

/** Text as the site accepts it for a name. */
const accepted = rows.map((row) => {
  const tidy = (text: string) => {
    const nfc = text.normalize("NFC").trim();
    return isText(nfc) ? nfc : "&lt; $x$ :tada: www.x.org";
  };
  const { name, rule, author } = row.policy;
  return { ...row, policy: { ...row.policy, name: tidy(name), rule: tidy(rule), author: author && tidy(author) } };
});

describe("every format holds the same rows, in the same order", () => {
  it("JSON and Parquet, to the last digit", async () => {
    await fc.assert(
      fc.asyncProperty(exporteds, async (exported) => {
        const bytes = exportFormats.parquet.write(exported) as Uint8Array<ArrayBuffer>;
        const read = await parquetReadObjects({ file: bytes.buffer });
        expect(
          read.map((row) => Object.fromEntries(Object.entries(row).map(([name, value]) => [name, value ?? null]))),
        ).toEqual(asJson(exported));
      }),
      { numRuns: 60 },
    );
  });

  it("JSON and CSV, to the last digit, except for the apostrophe before text that a spreadsheet would evaluate", () => {
    fc.assert(
      fc.property(exporteds, (exported) => {
        const [head, ...lines] = readCsv(exportAs("csv", exported));
        const objects = asJson(exported);
        if (objects[0]) expect(head).toEqual(Object.keys(objects[0]));
        const plain = lines.map((line) =>
          line.map((field) => (/^'+\s*[=+\-@＝＋－＠\t\r\n]/u.test(field) ? field.slice(1) : field)),
        );
        expect(plain).toEqual(
          objects.map((row) => Object.values(row).map((value) => (value === null ? "" : String(value)))),
        );
      }),
    );
  });

  it("Markdown, cell for cell as a paper prints it", () => {
    fc.assert(
      fc.property(exporteds, fc.array(accepted, { maxLength: 6 }), (exported, rows) => {
        const columns = printedColumns(exported.view);
        const [head, ...lines] = readMarkdown(exportAs("markdown", { ...exported, rows }));
        expect(head).toEqual(columns.map(({ head }) => head));
        expect(lines).toEqual(rows.map((row) => columns.map(({ print }) => print(row))));
      }),
      { numRuns: 500 },
    );
  });

  it("CSV for Excel is the CSV behind a byte order mark", () => {
    fc.assert(
      fc.property(exporteds, (exported) => {
        expect(exportAs("csv-excel", exported)).toBe(`\ufeff${exportAs("csv", exported)}`);
        expect(readCsv(exportAs("csv-excel", exported))).toEqual(readCsv(exportAs("csv", exported)));
      }),
    );
  });

  it("Markdown and LaTeX, as rounded", () => {
    fc.assert(
      fc.property(exporteds, (exported) => {
        const objects = asJson({ ...exported, view: changeView(exported.view, { columns: ["accuracy", "n"] }) });
        const view = changeView(exported.view, { columns: ["accuracy", "n"], seeds: "together" });
        const markdown = exportAs("markdown", { ...exported, view })
          .trimEnd()
          .split("\n")
          .slice(2)
          .map((line) =>
            line
              .split(/(?<!\\)\|/)
              .slice(-3, -1)
              .map((cell) => cell.trim()),
          );
        const latex = exportAs("latex", { ...exported, view })
          .split("\\midrule\n")[1]!
          .split("\\bottomrule")[0]!
          .trimEnd()
          .split("\n")
          .filter(Boolean)
          .map((line) =>
            line
              .replace(/ \\\\$/, "")
              .split(/(?<!\\) & /)
              .slice(-2)
              .map((cell) => cell.replace("$\\pm$", "±")),
          );
        expect(latex).toEqual(markdown);
        expect(markdown).toHaveLength(objects.length);
        markdown.forEach(([accuracy, n], index) => {
          const [mean, half] = accuracy!.split(" ± ").map(Number);
          const row = objects[index]!;
          expect(mean).toBeCloseTo(100 * (row.accuracy as number), 1.9);
          expect(half === undefined).toBe(row.accuracy_low === null);
          expect(Number(n)).toBe(row.seeds);
        });
      }),
    );
  });
});

const named = (name: string): Exported => {
  const [row] = fc.sample(rows, { numRuns: 1, seed: 1 });
  return {
    benchmark,
    view: readBoardView({ columns: ["accuracy"] }),
    rows: [{ ...row!, policy: { ...row!.policy, name } } as BoardEntry],
  };
};

describe("names that could be misread", () => {
  it.each(["=1+1", "+1", "-1", "@x", "\t=1", " =1", "＝1", "'=1", "'' -"])(
    "CSV: %j is text to a spreadsheet",
    (name) => {
      expect(readCsv(exportAs("csv", named(name)))[1]![0]).toBe(`'${name}`);
    },
  );

  it("CSV: a negative number stays a number", () => {
    const exported = { ...named("a"), view: readBoardView({ columns: ["gap"] }) };
    const [row] = exported.rows;
    expect(
      readCsv(
        exportAs("csv", { ...exported, rows: [{ ...row!, gap: { mean: -0.25, low: null, high: null } }] }),
      )[1]!.slice(2),
    ).toEqual(["-0.25", "", ""]);
  });

  it("Markdown: no cell border, no markup, no tag", () => {
    expect(exportAs("markdown", named("a|b <i> *c* `d`"))).toContain("| a\\|b \\<i\\> \\*c\\* \\`d\\` |");
    expect(exportAs("markdown", named("&lt; $β$ a: :b:"))).toContain("| \\&lt; \\$β\\$ a: \\:b: |");
  });

  it("LaTeX: no command", () => {
    expect(exportAs("latex", named("50 % & \\input{x} β_1 ~^"))).toContain(
      "50 \\% \\& \\textbackslash{}input$\\lbrace$x$\\rbrace$ $\\beta$\\_1 \\textasciitilde{}\\textasciicircum{} &",
    );
  });
});

it("prints the shift of users' runs as claimed, and no other metric of any division", () => {
  const claimed = (division: BoardView["division"]) =>
    printedColumns(changeView(readBoardView({}), { division, columns: [...boardColumns] }))
      .map(({ head }) => head)
      .filter((head) => head.includes("claimed"));
  expect(claimed("open")).toEqual(["Estimation shift, claimed"]);
  expect(claimed("closed")).toEqual([]);
});
