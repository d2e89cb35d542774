/** A board as Croissant describes it: the files of its rows, in both divisions, and what each column holds. */
import type { CroissantFile, CroissantRecords } from "@/lib/records";
import { croissant } from "@/lib/records";
import type { BoardView } from "../board-view";
import { boardColumns, boardViewSchema, divisions, writeBoardQuery } from "../board-view";
import { bibtex, citedBoard } from "../citation";
import { resultsLicence } from "../licence";
import { exportFormats } from "./formats";
import { exportColumns } from "./table";

/** The methods of a division, one row each, with every column. */
const wholeBoard = (version: number, division: BoardView["division"]): BoardView =>
  boardViewSchema.parse({ version, division, columns: [...boardColumns], rows: "all" });

const rowsOf = { closed: "recomputed by the server on its own runs", open: "on runs that users published" } as const;

/** @param asOf when the board last changed @param origin of this site, as readers reach it */
export function boardCroissant(
  board: { slug: string; version: number; title: string; summary: string; asOf: Date },
  origin: string,
) {
  const { slug, version, title, summary, asOf } = board;
  const cited = citedBoard(board);
  const file = (division: BoardView["division"], format: "csv" | "parquet"): CroissantFile => {
    const query = new URLSearchParams([...writeBoardQuery(wholeBoard(version, division)), ["format", format]]);
    return {
      id: `${division}.${exportFormats[format].extension}`,
      url: `${origin}/api/v1/benchmarks/${slug}/export?${query}`,
      mediaType: exportFormats[format].mediaType.replace(/;.*/, ""),
    };
  };
  const records = (division: BoardView["division"]): CroissantRecords => ({
    name: division,
    description: `Methods ${rowsOf[division]}: a row for each, with means over seeds and their 95 % intervals`,
    fields: exportColumns(wholeBoard(version, division)).map(({ name, type }) => ({ name, type })),
    from: { file: file(division, "csv").id },
  });
  return croissant({
    name: `${title}: momentum of batch normalization`,
    description: summary,
    url: `${origin}${cited.path}`,
    licence: resultsLicence,
    creators: [{ organization: "DMBench" }],
    published: asOf.toISOString(),
    version: `${version}.0.0`,
    citeAs: bibtex(cited, origin),
    keywords: ["batch normalization", "momentum", "benchmark", "leaderboard"],
    live: true,
    files: divisions.flatMap((division) => [file(division, "csv"), file(division, "parquet")]),
    records: divisions.map(records),
  });
}
