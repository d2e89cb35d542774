import fc from "fast-check";
import { parquetReadObjects } from "hyparquet";
import { describe, expect, it } from "vitest";
import type { BoardEntry, BoardView, Exported } from "@/lib/leaderboard";
import { boardColumns, changeView, exportFormats, readBoardView } from "@/lib/leaderboard";
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

/** A strict parser of RFC 4180. */
function readCsv(text: string): string[][] {
  const lines: string[][] = [[]];
  const field = /(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n)/gy;
  for (let match = field.exec(text); match; match = field.exec(text)) {
    lines.at(-1)!.push(match[1] !== undefined ? match[1].replaceAll('""', '"') : match[2]!);
    if (match[3] === "\r\n") lines.push([]);
  }
  expect(lines.pop()).toEqual([]); // everything was read
  return lines;
}

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
  });

  it("LaTeX: no command", () => {
    expect(exportAs("latex", named("50 % & \\input{x} β_1 ~^"))).toContain(
      "50 \\% \\& \\textbackslash{}input\\{x\\} $\\beta$\\_1 \\textasciitilde{}\\textasciicircum{} &",
    );
  });
});
