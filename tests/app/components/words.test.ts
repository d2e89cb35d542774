import { describe, expect, it } from "vitest";
import { parseTheme } from "@/app/_components/frame/theme";
import { policyCurve } from "@/app/_components/momentum/curves";
import { drift } from "@/app/_components/momentum/drift";
import { describeWindow, memoryClass, window } from "@/app/_components/momentum/memory";
import { layerBadge, memoryBadge } from "@/app/_components/momentum/memory-badge";
import { badgeText } from "@/app/_components/momentum/momentum";
import { running } from "@/app/_components/momentum/running-mean";
import { intervalScale, scaleLabel } from "@/app/_components/tables/interval";
import { duration, percent, plural, significant } from "@/app/_components/text/format";
import { metricGuide } from "@/app/_components/text/metric-guide";
import { datasetInfo } from "@/lib/datasets/registry";
import { builtInPolicies, parsePolicy } from "@/lib/dmbn/policy";
import { metrics } from "@/lib/evaluation";
import { benchmarks } from "@/lib/leaderboard";
import { buildGraph } from "@/lib/models";
import { figures, metricNames, variantNames } from "@/lib/records";
import { runLayers, runShape } from "@/lib/training/run-shape";

describe("numbers", () => {
  it("prints percentages with one decimal and a true minus sign", () => {
    expect([percent(0.88934), percent(1), percent(-0.002)]).toEqual(["88.9", "100.0", "−0.2"]);
  });

  it("prints three significant digits from the smallest shift to the largest", () => {
    expect([
      significant(0.02137),
      significant(12.345),
      significant(999.6),
      significant(0),
      significant(1.234e-7),
    ]).toEqual(["0.0214", "12.3", "1000", "0", "1.23e-7"]);
  });

  it("chooses the unit of a duration, and singular or plural", () => {
    expect([duration(0.81), duration(59.6), duration(185), duration(7800)]).toEqual([
      "0.8 s",
      "1 min 0 s",
      "3 min 5 s",
      "2 h 10 min",
    ]);
    expect([plural(1, "run"), plural(1200, "run")]).toEqual(["1 run", "1,200 runs"]);
  });
});

describe("the memory ramp", () => {
  it("gives each momentum in its legend a step of its own, and the cumulative average the last", () => {
    expect([0, 0.5, 0.9, 0.99, 0.999, "cumulative" as const].map(memoryClass)).toEqual(
      [0, 1, 2, 3, 4, 5].map((step) => `memory-${step}`),
    );
  });

  it("never moves to a shorter memory as momentum grows", () => {
    const steps = Array.from({ length: 1001 }, (_, i) => Number(memoryClass(i / 1000).slice(-1)));
    expect(steps).toEqual([...steps].sort((a, b) => a - b));
    expect(memoryClass(1)).toBe("memory-4");
    expect(memoryClass(null)).toBe("memory-none");
  });

  it("describes windows in readable numbers", () => {
    expect([window(0.9), describeWindow(0), describeWindow(0.9), describeWindow(0.997), describeWindow(1)]).toEqual([
      10,
      "1 batch",
      "10 batches",
      "about 333 batches",
      "all batches",
    ]);
  });
});

describe("the guide to metrics", () => {
  it("has an entry for every metric of the board, with the direction that the board ranks by", () => {
    expect(Object.keys(metricGuide)).toEqual([...metricNames]);
    for (const name of metricNames) expect(metricGuide[name].better).toBe(figures[name].better);
  });

  it("states correctly that on a balanced set sensitivity is accuracy, and specificity 1 − (1 − accuracy)/9", () => {
    const matrix = Array.from({ length: 10 }, (_, truth) =>
      Array.from({ length: 10 }, (_, guess) => (truth === guess ? 889 : guess === (truth + 1) % 10 ? 111 : 0)),
    );
    const { accuracy, macro } = metrics(matrix);
    expect(macro.sensitivity).toBeCloseTo(accuracy, 12);
    expect(percent(accuracy)).toBe("88.9");
    expect(percent(macro.specificity)).toBe("98.8"); // the figures in the guide
  });
});

describe("memory badges of policies", () => {
  const run = runShape(benchmarks.find(({ slug }) => slug === "fashion-mnist-mlp")!.recipe);
  const named = (slug: string) => parsePolicy(builtInPolicies.find((policy) => policy.slug === slug)!.document);

  it("counts the steps of a recipe as training does: without held-out examples and the last partial batch", () => {
    expect(run.steps).toBe(3 * Math.floor((60_000 - 10_000) / 64));
  });

  it("lists the batch-norm layers of every benchmark and variant without building the network", () => {
    for (const { slug, recipe } of benchmarks) {
      const { shape, classes } = datasetInfo(recipe.dataset);
      for (const variant of variantNames) {
        const layers = buildGraph(recipe, variant, shape, classes.length).nodes.filter(
          ({ layer }) => layer.kind === "batch-norm",
        );
        expect(runLayers(recipe, variant), `${slug}, ${variant}`).toEqual(
          layers.map(({ name, shape }) => ({ name, channels: shape.at(-1) })),
        );
      }
    }
  });

  it("covers constants, schedules, selections and policies without averaging", () => {
    expect(memoryBadge(named("pytorch-default"), run)).toMatchObject({ memory: 0.9, label: "0.9" });
    expect(memoryBadge(named("cumulative-average"), run)).toMatchObject({ memory: "cumulative", label: "1 − 1/t" });
    expect(memoryBadge(named("cvnets-cosine"), run).label).toBe("0.9 to 0.999999");
    expect(memoryBadge(named("dmbn"), run)).toMatchObject({ memory: null, label: "chosen per layer" });
    expect(memoryBadge(named("precise-bn"), run).memory).toBeNull();
    expect(layerBadge("1 - 1 / step", run).memory).toBe("cumulative");
    expect(layerBadge(0.9995, run)).toEqual({ memory: 0.9995, label: "0.9995" });
  });

  it("name the variance that is averaged, unless it is the unbiased one or nothing is averaged", () => {
    const texts = ["static-0.99", "keras-default", "dmbn", "dmbn-total", "fvcore-precise-bn"].map((slug) =>
      badgeText(memoryBadge(named(slug), run)),
    );
    expect(texts).toEqual(["0.99", "0.99, biased", "chosen per layer", "chosen per layer, total", "measured anew"]);
  });

  it("draws every built-in schedule from the first step to the last, within [0, 1]", () => {
    for (const { document } of builtInPolicies) {
      const curve = policyCurve(parsePolicy(document), run);
      if (document.kind !== "schedule") expect(curve).toBeNull();
      else {
        expect([curve!.steps[0], curve!.steps.at(-1)]).toEqual([1, run.steps]);
        expect(curve!.values.every((value) => value >= 0 && value <= 1)).toBe(true);
      }
    }
  });
});

describe("drawn intervals", () => {
  it("share one round scale that holds every mean and interval", () => {
    const scale = intervalScale([
      { mean: 0.876, low: 0.871, high: 0.881 },
      { mean: 0.842, low: null, high: null },
    ])!;
    expect(scale.low).toBeLessThanOrEqual(0.842);
    expect(scale.high).toBeGreaterThanOrEqual(0.881);
    expect(scaleLabel(scale)).toBe("84 to 89");
    expect(intervalScale([])).toBeNull();
  });

  it("stay within [0, 1]", () => {
    const { low, high } = intervalScale([{ mean: 0.999, low: 0.95, high: 1.02 }])!;
    expect([low >= 0, high]).toEqual([true, 1]);
  });
});

describe("the front page's illustration", () => {
  it("computes the running mean by the rule it states", () => {
    expect(running([1, 0, 2], 0.5)).toEqual([0.5, 0.25, 1.125]);
  });

  it("supports its claim: the smallest distance is between the shortest memory and the longest", () => {
    const { distances } = drift();
    const least = distances.reduce((best, one) => (one.distance < best.distance ? one : best));
    expect(least.window).toBeGreaterThan(2);
    expect(least.window).toBeLessThan(100);
    expect(distances.at(-1)!.distance).toBeGreaterThan(3 * least.distance);
    expect(distances[0]!.distance).toBeGreaterThan(3 * least.distance);
  });
});

describe("the theme", () => {
  it("falls back to the system's for an unknown cookie", () => {
    expect([undefined, "", "dark", "light", "<script>"].map(parseTheme)).toEqual([
      "system",
      "system",
      "dark",
      "light",
      "system",
    ]);
  });
});
