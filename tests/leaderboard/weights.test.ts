/** What is concluded from weights that came with a run. */
import fc from "fast-check";
import { expect, it } from "vitest";
import type { MethodOnRun } from "@/lib/leaderboard";
import { weightsFinding, weightsInWords, weightsOutcomes } from "@/lib/leaderboard";

const sameSoftware = true;
const methods = (predictions: Uint8Array, shift = 1) =>
  new Map<string, MethodOnRun>([
    ["bn/a", { predictions, shift }],
    ["bn/b", { predictions, shift: 2 }],
  ]);

const flipped = (predictions: Uint8Array, count: number): Uint8Array =>
  predictions.map((id, index) => (index < count ? (id + 1) % 10 : id));

const classes = fc.uint8Array({ min: 0, max: 9, minLength: 200, maxLength: 1000 });

it("tells the same, what rounding changes, and what differs, by the worst method", () => {
  fc.assert(
    fc.property(classes, fc.nat(30), (predictions, count) => {
      const published = methods(predictions);
      const again = new Map(published).set("bn/a", { predictions: flipped(predictions, count), shift: 1 });
      const finding = weightsFinding(published, again, { sameSoftware });
      expect(finding.outcome).toBe(count === 0 ? "same" : count <= 0.005 * predictions.length ? "within" : "differs");
      expect(finding).toMatchObject({ predictions: 2 * predictions.length, differing: count });
      expect(finding.reason === null).toBe(count === 0);
      const other = weightsFinding(published, again, { sameSoftware: false });
      expect(other.outcome).toBe(finding.outcome === "differs" ? "unknown" : finding.outcome);
    }),
  );
});

it("compares the shift that was claimed, too", () => {
  fc.assert(
    fc.property(classes, fc.double({ min: 0.5, max: 2, noNaN: true }), (predictions, factor) => {
      const finding = weightsFinding(methods(predictions, factor), methods(predictions), { sameSoftware });
      const off = Math.abs(factor - 1) / Math.max(factor, 1);
      expect(finding.outcome).toBe(off <= 0.02 ? "same" : "differs");
    }),
  );
  const none = weightsFinding(methods(new Uint8Array(9), Number.NaN), methods(new Uint8Array(9)), { sameSoftware });
  expect(none.outcome).toBe("differs");
});

it("says nothing of a run whose methods can't be scored on them", () => {
  expect(weightsFinding(methods(new Uint8Array(9)), new Map(), { sameSoftware })).toMatchObject({
    outcome: "unknown",
    predictions: 0,
  });
});

it("has words for each outcome", () => {
  const words = weightsOutcomes.map((outcome) => weightsInWords({ outcome, predictions: 1420, differing: 2 }));
  expect(new Set(words).size).toBe(weightsOutcomes.length);
  expect(words[1]).toContain("2 of 1,420");
});
