import { describe, expect, it } from "vitest";
import { z } from "zod";
import { measured, metricColumns } from "@/app/_components/tables/metric-columns";
import { metricGuide } from "@/app/_components/text/metric-guide";
import { boardEntrySchema } from "@/app/api/schemas/board";
import { columnLabels } from "@/app/leaderboard/labels";
import { evaluate, metrics } from "@/lib/evaluation";
import type { BoardColumn, SeedMeans } from "@/lib/leaderboard";
import {
  boardColumns,
  divisions,
  estimateOverSeeds,
  exportFormats,
  firstDirection,
  readBoardView,
  sortKeys,
  usualColumns,
} from "@/lib/leaderboard";
import { byMetric, figures, metricNames, metricsIn, recordedMetrics, scoreFigures, scoreSchema } from "@/lib/records";
import { figureSchema, orAbsent } from "@/lib/records/figures";
import { studySchema } from "@/lib/records/study-record";
import { columnOf } from "@/lib/server/boards/metric-columns";
import { Prisma } from "@/prisma/generated/client";

const tableColumns = metricColumns([measured(byMetric(metricNames, () => 0.5))], () => "");
const methodSummary = studySchema.shape.summary.shape.regimes.element.shape.methods.element;

/** The text of an exported board with one column besides the name, and no rows. */
function exportedHead(format: "csv" | "markdown", column: BoardColumn): string {
  const benchmark = { slug: "digits-mlp", version: 1, title: "Digits" };
  return exportFormats[format].write({ benchmark, view: { ...readBoardView({}), columns: [column] }, rows: [] });
}

describe.each(metricNames)("%s", (metric) => {
  const { label, column, better, range, optional } = figures[metric];

  it("is in every record, board, table, file, tooltip and database table", () => {
    expect(scoreSchema.shape).toHaveProperty(metric);
    if (recordedMetrics.some((name) => name === metric)) expect(methodSummary.shape).toHaveProperty(metric);
    expect(boardEntrySchema.shape).toHaveProperty(metric);
    expect(boardColumns).toContain(metric);
    expect(sortKeys).toContain(metric);
    expect(columnLabels[metric]).toBe(label);
    expect(metricGuide[metric].name).toBe(label);
    expect(tableColumns.map(({ key }) => key)).toContain(metric);
    expect(exportedHead("csv", metric)).toContain(`,${column},${column}_deviation,${column}_low,${column}_high`);
    expect(exportedHead("markdown", metric)).toContain(label);
    expect(Prisma.ScoreScalarFieldEnum).toHaveProperty(metric);
    expect(Prisma.RunScoreScalarFieldEnum).toHaveProperty(metric);
    for (const part of ["Mean", "Deviation", "Low", "High"])
      expect(Prisma.BoardRowScalarFieldEnum).toHaveProperty(`${metric}${part}`);
  });

  it("has the same better direction everywhere", () => {
    const first = better === "lower" ? "ascending" : "descending";
    const shown = tableColumns.find(({ key }) => key === metric)!;
    expect(firstDirection(metric)).toBe(first);
    expect(shown.first ?? "descending").toBe(first);
    expect(shown.group).toMatch(better === "lower" ? /: less is better$/ : /: more is better$/);
    expect(metricGuide[metric].better).toBe(better);
  });

  it("is accepted only within its range", () => {
    const accepts = (value: number) => figureSchema(figures[metric]).safeParse(value).success;
    expect([range.least, range.most ?? 1e300].map(accepts)).toEqual([true, true]);
    expect([range.least - 1e-9, (range.most ?? Infinity) + 1e-9, NaN].map(accepts)).toEqual([false, false, false]);
  });

  it("is a default column of a board unless it is optional", () => {
    for (const division of divisions) expect(usualColumns[division].includes(metric)).toBe(!optional);
  });
});

describe("the list of metrics", () => {
  it("has each label, file column and database column once", () => {
    for (const names of [
      metricNames.map((metric) => figures[metric].label),
      metricNames.map((metric) => figures[metric].column),
      metricNames.map(columnOf),
    ])
      expect(new Set(names).size).toBe(metricNames.length);
  });
});

describe("an optional metric", () => {
  const accuracyAlone = { ...byMetric(metricNames, () => null), accuracy: 0.5 } as unknown as SeedMeans;

  it("may be absent from a record, and is then null; other metrics may not", () => {
    const record = z.object({ value: orAbsent({ optional: true }, figureSchema(figures.accuracy)) });
    expect(record.parse({})).toEqual({ value: null });
    expect(record.parse({ value: null })).toEqual({ value: null });
    expect(record.parse({ value: 0.5 })).toEqual({ value: 0.5 });
    expect(record.safeParse({ value: 2 }).success).toBe(false);
    const required = z.object({ value: orAbsent({}, figureSchema(figures.accuracy)) });
    expect([{}, { value: null }].map((absent) => required.safeParse(absent).success)).toEqual([false, false]);
  });

  it("has an estimate over the seeds that have it, and none if no seed has", () => {
    const both = estimateOverSeeds([accuracyAlone, { ...accuracyAlone, sensitivity: 0.25 }]);
    expect(both.accuracy.mean).toBe(0.5);
    expect(both.sensitivity).toEqual({ mean: 0.25, deviation: null, low: null, high: null });
    expect(both.specificity).toBeNull();
  });

  it("has a column in a table if any row has it", () => {
    const optional = metricNames.filter((metric) => figures[metric].optional);
    expect(metricsIn([accuracyAlone], metricNames)).toEqual(metricNames.filter((metric) => !optional.includes(metric)));
    const all = byMetric(metricNames, () => 0.5);
    expect(metricsIn([accuracyAlone, all], metricNames)).toEqual(metricNames);
  });
});

describe("the figures of a score", () => {
  const answers = { labels: [0, 0, 0, 1, 1, 2], predictions: [0, 0, 1, 1, 2, 2], classes: 3 };

  it("are the accuracy and the macro means over classes", () => {
    const { accuracy, sensitivity, specificity, fScore, confusionMatrix } = evaluate(answers);
    const { precision: _, ...macro } = metrics(confusionMatrix).macro;
    expect({ accuracy, sensitivity, specificity, fScore }).toEqual({ accuracy: 4 / 6, ...macro });
    expect(confusionMatrix).toEqual([
      [2, 1, 0],
      [0, 1, 1],
      [0, 0, 1],
    ]);
  });

  it("include the shift summed over layers", () => {
    const layer = { layer: "norm1", relativeMean: 0, relativeStd: 0 };
    const esm = [
      { ...layer, mean: 1, std: 0.5 },
      { ...layer, mean: 0.25, std: 0 },
    ];
    expect(scoreFigures({ ...evaluate(answers), esm })).toMatchObject({ accuracy: 4 / 6, esm: 1.75 });
  });
});
