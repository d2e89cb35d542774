import { describe, expect, it } from "vitest";
import { estimateOverSeeds } from "@/lib/leaderboard";
import { byMetric, metricNames } from "@/lib/records";

const scored = (accuracy: number) => byMetric(metricNames, (metric) => (metric === "esm" ? 10 * accuracy : accuracy));

describe("estimateOverSeeds", () => {
  it("gives mean, deviation and the 95 % t-interval of three seeds", () => {
    const { accuracy, esm } = estimateOverSeeds([scored(0.8), scored(0.9), scored(0.85)]);
    expect(accuracy.mean).toBeCloseTo(0.85, 12);
    expect(accuracy.deviation).toBeCloseTo(0.05, 12);
    // t(0.975; 2) = 4.302653
    expect(accuracy.high! - accuracy.mean).toBeCloseTo((4.302653 * 0.05) / Math.sqrt(3), 6);
    expect(esm.deviation).toBeCloseTo(0.5, 12);
  });

  it("claims no interval from a single seed", () => {
    expect(estimateOverSeeds([scored(0.8)]).accuracy).toEqual({ mean: 0.8, deviation: null, low: null, high: null });
  });
});
