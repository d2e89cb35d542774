/** The same rule under another variance estimator. */
import { describe, expect, it } from "vitest";
import { builtInPolicies, parsePolicy, recalibrate, schedule } from "@/lib/dmbn/policy";
import { underOtherEstimators } from "@/lib/leaderboard";

const named = (slug: string) => parsePolicy(builtInPolicies.find((policy) => policy.slug === slug)!.document);
const slugs = (slug: string) => underOtherEstimators(named(slug)).map(({ slug }) => slug);

describe("a rule under another estimator", () => {
  it("is found both ways, by everything but the estimator", () => {
    expect(slugs("dmbn")).toEqual(["dmbn-biased", "dmbn-total"]);
    expect(slugs("dmbn-biased")).toEqual(["dmbn", "dmbn-total"]);
    expect(slugs("static-0.99")).toEqual(["keras-default"]);
    expect(slugs("keras-default")).toEqual(["static-0.99"]);
    expect(slugs("pointnet")).toEqual([]); // starts from 0, 0
  });

  it("is none of a rule that nobody built in, or that averages nothing", () => {
    expect(underOtherEstimators(schedule(0.123))).toEqual([]);
    expect(underOtherEstimators(recalibrate())).toEqual([]);
    expect(slugs("best-by-loss")).toEqual([]); // it tries several
  });
});
