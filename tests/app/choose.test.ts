/** What the page that chooses a momentum answers, from a map's measured cells. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { frameworks } from "@/app/choose/frameworks";
import type { Answer, Silence } from "@/app/choose/look-up";
import { lookUp } from "@/app/choose/look-up";
import { advised, safeBand, safeMargin, staticsOf } from "@/app/choose/safe-band";
import { bandInWords, confidenceInWords, defaultInWords, originInWords, silenceInWords } from "@/app/choose/words";
import { chooseHref, readChooseView } from "@/lib/leaderboard";
import type { MapPlace, MapScore } from "@/lib/records";

const scoreOf = (momentum: number | null, cost: number, half: number | null = 0.001): MapScore => ({
  policy: momentum === null ? "precise-bn" : `static-${momentum}`,
  momentum,
  accuracy: 0.9 - cost,
  regret: { mean: cost, interval: half === null ? null : { low: cost - half, high: cost + half } },
});

/** A place where β = .9, .99 and .999 cost these. */
function placeOf(
  batchSize: number,
  steps: number,
  costs: readonly number[],
  { seeds = 10, diverged = 0 } = {},
): MapPlace {
  const scores = costs.map((cost, index) => scoreOf([0.9, 0.99, 0.999][index]!, cost));
  const estimators = seeds > 0 ? [{ variance: "unbiased" as const, scores: [...scores, scoreOf(null, -0.01)] }] : [];
  return { dataset: "digits", model: "mlp", batchSize, steps, seeds, diverged, estimators };
}

const grid = [
  placeOf(4, 100, [0, 0.04, 0.2]),
  placeOf(4, 1000, [0, 0.02, 0.1]),
  placeOf(16, 100, [0, 0.08, 0.4]),
  placeOf(16, 1000, [0, 0.04, 0.2]),
];
const at = (batch: number, steps: number, places: readonly MapPlace[] = grid) =>
  lookUp(places, { batch, steps }, "unbiased");
const costsOf = (found: Answer | Silence) =>
  found.kind === "answer" ? staticsOf(found.scores).map(({ regret }) => regret.mean) : found.kind;

describe("looking up a place", () => {
  it("gives a measured cell as it is", () => {
    expect(at(16, 100)).toEqual({
      kind: "answer",
      places: [grid[2]],
      scores: grid[2]!.estimators[0]!.scores.map((score) => expect.objectContaining(score)),
    });
  });

  it("takes the mean halfway between measured cells on log axes", () => {
    const [first, second, third] = costsOf(at(8, 1000)) as number[];
    expect(first).toBe(0);
    expect(second).toBeCloseTo(0.03);
    expect(third).toBeCloseTo(0.15);
    const between = at(8, Math.round(Math.sqrt(100 * 1000)));
    expect((costsOf(between) as number[])[1]).toBeCloseTo((0.04 + 0.02 + 0.08 + 0.04) / 4, 3);
    expect(originInWords(between as Answer)).toBe(
      "Interpolated between the measured cells of batch 4 and 16 and 100 and 1,000 steps, 10 seeds each.",
    );
  });

  it("stays between the cells that it comes from, and is them at their places", () => {
    const cost = fc.double({ min: 0, max: 0.5, noNaN: true });
    const costs = fc.array(fc.tuple(cost, cost, cost), { minLength: 4, maxLength: 4 });
    fc.assert(
      fc.property(costs, fc.integer({ min: 4, max: 16 }), fc.integer({ min: 100, max: 1000 }), (all, batch, steps) => {
        const places = grid.map(({ batchSize, steps }, index) => placeOf(batchSize, steps, all[index]!));
        const found = at(batch, steps, places);
        if (found.kind !== "answer") throw new Error(found.kind);
        for (const [index, score] of staticsOf(found.scores).entries()) {
          const corners = found.places.map((place) => place.estimators[0]!.scores[index]!);
          const means = corners.map(({ regret }) => regret.mean);
          expect(score.regret.mean).toBeGreaterThanOrEqual(Math.min(...means) - 1e-12);
          expect(score.regret.mean).toBeLessThanOrEqual(Math.max(...means) + 1e-12);
          expect(score.regret.interval!.high).toBeGreaterThanOrEqual(score.regret.mean);
        }
      }),
    );
  });

  it("says nothing beyond what was measured", () => {
    expect(at(2, 100)).toEqual({ kind: "outside", what: "batch", from: 4, to: 16 });
    expect(at(17, 100)).toMatchObject({ kind: "outside", what: "batch" });
    expect(at(8, 1001)).toEqual({ kind: "outside", what: "steps", from: 100, to: 1000 });
    expect(lookUp([], { batch: 8, steps: 100 }, "unbiased")).toMatchObject({ kind: "outside" });
  });

  it("says nothing beside a cell that wasn't measured, or where every run diverged", () => {
    const without = grid.slice(0, 3);
    expect(at(8, 300, without)).toEqual({ kind: "gap" });
    expect(costsOf(at(8, 100, without))).toHaveLength(3);
    const diverged = placeOf(16, 1000, [], { seeds: 0, diverged: 10 });
    const found = at(8, 300, [...without, diverged]);
    expect(found).toEqual({ kind: "diverged", places: [diverged] });
    const view = readChooseView({ batch: "8", steps: "300" });
    expect(silenceInWords(view, found as Silence).title).toBe("Batch 8 and 300 steps: diverged");
    expect(silenceInWords(view, found as Silence).remedy).toMatch(/^All 10 runs/);
  });

  it("counts the runs that diverged beside those that are scored", () => {
    const found = at(4, 100, [placeOf(4, 100, [0, 0.01, 0.02], { seeds: 8, diverged: 2 })]);
    expect(originInWords(found as Answer)).toBe("Measured, over 8 seeds. 2 more diverged.");
  });
});

describe("the safe band", () => {
  const costs = fc.array(fc.double({ min: 0, max: 0.02, noNaN: true }), { minLength: 1, maxLength: 11 });
  const staticsWith = (list: readonly number[]) => {
    const least = Math.min(...list);
    return staticsOf(list.map((cost, index) => scoreOf(index / 12, cost - least)));
  };

  it("holds the best, and none that costs more than the margin; the neighbours on either side do, or end the grid", () => {
    fc.assert(
      fc.property(costs, (list) => {
        const statics = staticsWith(list);
        const { best, safe } = safeBand(statics);
        expect(safe).toContain(best);
        for (const { regret } of safe) expect(regret.mean).toBeLessThanOrEqual(safeMargin);
        const [from, to] = [statics.indexOf(safe[0]!), statics.indexOf(safe.at(-1)!)];
        expect(statics.slice(from, to + 1)).toEqual(safe);
        for (const neighbour of [statics[from - 1], statics[to + 1]])
          if (neighbour) expect(neighbour.regret.mean).toBeGreaterThan(safeMargin);
      }),
    );
  });

  it("only grows with the margin", () => {
    fc.assert(
      fc.property(costs, fc.double({ min: 0, max: 0.02, noNaN: true }), (list, margin) => {
        const statics = staticsWith(list);
        const wider = safeBand(statics, margin + 0.001).safe;
        for (const score of safeBand(statics, margin).safe) expect(wider).toContain(score);
      }),
    );
  });
});

describe("the advised momentum", () => {
  const statics = staticsOf([0.01, 0.004, 0, 0, 0.003, 0.02].map((cost, index) => scoreOf(index / 10, cost)));

  it("is the library's own default if that is safe, else the middle of the safe band", () => {
    const band = safeBand(statics);
    expect(band.safe.map(({ momentum }) => momentum)).toEqual([0.1, 0.2, 0.3, 0.4]);
    expect(advised(band, 0.4).momentum).toBe(0.4);
    expect(advised(band, 0.5).momentum).toBe(0.2);
    expect(advised(safeBand(statics, 0), 0.5).momentum).toBe(0.2);
  });
});

describe("the answer in words", () => {
  const view = readChooseView({ batch: "8", steps: "3000" });
  const { pytorch, keras } = frameworks;
  const sweep = (costs: Record<number, number>, half: number | null = 0.001) =>
    staticsOf(Object.entries(costs).map(([momentum, cost]) => scoreOf(Number(momentum), cost, half)));

  it("names the band in β and in the library's own setting, what it costs, and a usual β outside it", () => {
    const statics = sweep({ 0: 0.3, 0.8: 0.004, 0.9: 0, 0.98: 0.003, 0.999: 0.02 });
    const band = safeBand(statics);
    expect(bandInWords(view, keras, statics, band)).toBe(
      "At batch 8 and 3,000 steps anything from β = 0.8 to 0.98 costs at most 0.4 points; β = 0.999 costs 2.0.",
    );
    expect(bandInWords(view, pytorch, statics, band)).toBe(
      "At batch 8 and 3,000 steps anything from β = 0.8 to 0.98 (PyTorch 0.2 to 0.02) costs at most 0.4 points; " +
        "β = 0.999 (PyTorch 0.001) costs 2.0.",
    );
    expect(confidenceInWords(band)).toBe("The costliest of the band may cost up to 0.5 points (95 % interval).");
    expect(defaultInWords(pytorch, statics, band)).toBe("The default of PyTorch, β = 0.9 (PyTorch 0.1), is safe here.");
  });

  it("says what a default costs that lies outside", () => {
    const statics = sweep({ 0.9: 0, 0.99: 0.01, 0.999: 0.02 });
    expect(defaultInWords(keras, statics, safeBand(statics))).toBe(
      "The default of Keras 3, β = 0.99, costs 1.0 point (95 %: 0.9 to 1.1) here.",
    );
  });

  it("has words for a single safe β, for none that matters, and for one seed", () => {
    const single = sweep({ 0.8: 0.02, 0.9: 0, 0.99: 0.012 });
    expect(bandInWords(view, keras, single, safeBand(single))).toBe(
      "At batch 8 and 3,000 steps only β = 0.9 will do: its neighbours cost more than half a point; β = 0.99 costs 1.2.",
    );
    const flat = sweep({ 0: 0.002, 0.9: 0, 0.999: 0.001 }, null);
    expect(bandInWords(view, keras, flat, safeBand(flat))).toBe(
      "At batch 8 and 3,000 steps the momentum hardly matters: anything from β = 0 to 0.999 costs at most 0.2 points.",
    );
    expect(confidenceInWords(safeBand(flat))).toBe("");
  });

  it("has lines of code for every library, with its own setting of β", () => {
    const lines = Object.fromEntries(Object.values(frameworks).map(({ name, code }) => [name, code(0.98).code]));
    expect(lines.PyTorch).toContain("norm.momentum = 0.02");
    expect(lines["Keras 3"]).toContain("keras.layers.BatchNormalization(momentum=0.98");
    expect(lines.Flax).toContain("nn.BatchNorm(use_running_average=not train, momentum=0.98");
    expect(lines["tf.layers"]).toContain("tf.layers.batchNormalization({ momentum: 0.98");
  });

  it("survives its address, whatever is asked for", () => {
    const views = fc.record({
      framework: fc.constantFrom("pytorch", "keras", "flax", "tf-layers"),
      dataset: fc.constantFrom("digits", "fashion-mnist"),
      model: fc.constantFrom("mlp", "mlp-deep", "cnn"),
      batch: fc.integer({ min: 1, max: 9_999_999 }),
      steps: fc.integer({ min: 1, max: 9_999_999 }),
    });
    fc.assert(
      fc.property(views, (view) => {
        const query = new URL(chooseHref(view as never), "http://site").searchParams;
        expect(readChooseView(Object.fromEntries(query))).toEqual(view);
      }),
    );
    expect(readChooseView({ batch: "-3", steps: "1e9", framework: "mxnet" })).toEqual(readChooseView({}));
  });
});
