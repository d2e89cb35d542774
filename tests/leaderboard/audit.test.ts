/** What an audit concludes from two trainings of one run. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { AuditFacts, Trained } from "@/lib/leaderboard/audit";
import { auditFinding, auditInWords, firstSteps, lossTolerance } from "@/lib/leaderboard/audit";

const facts: AuditFacts = { bound: 0.02, spreads: [], copyOf: null, sameSoftware: true };
const losses = (count: number): Trained["losses"] =>
  Array.from({ length: count }, (_, index) => ({ step: index + 1, value: 2.3 / (index + 1) }));
const trained = (predictions: Record<string, readonly number[]>, curve = losses(50)): Trained => ({
  predictions: new Map(Object.entries(predictions).map(([method, ids]) => [method, Uint8Array.from(ids)])),
  losses: curve,
});
const classes = fc.array(fc.integer({ min: 0, max: 9 }), { minLength: 100, maxLength: 100 });
const bent = (ids: readonly number[], count: number) => ids.map((id, index) => (index < count ? (id + 1) % 10 : id));
const bentLosses = (from: number, factor: number) =>
  losses(50).map(({ step, value }) => ({ step, value: step < from ? value : value * factor }));

describe("an audit", () => {
  it("is the same only where every prediction and every loss is", () =>
    fc.assert(
      fc.property(classes, fc.integer({ min: 0, max: 100 }), (ids, changed) => {
        const finding = auditFinding(trained({ a: ids }), trained({ a: bent(ids, changed) }), facts);
        expect(finding).toMatchObject({ predictions: 100, differing: changed });
        expect(finding.outcome).toBe(changed === 0 ? "same" : changed <= 2 ? "within" : "differs");
        expect(finding.reason === null).toBe(changed === 0);
      }),
    ));

  it("allows each method as many as rounding changes, not all methods together", () => {
    const ids = Array<number>(100).fill(1);
    const three = auditFinding(trained({ a: ids, b: ids }), trained({ a: bent(ids, 3), b: ids }), facts);
    expect(three).toMatchObject({ outcome: "differs", methods: [{ method: "a", differing: 3, of: 100 }] });
    const each = auditFinding(trained({ a: ids, b: ids }), trained({ a: bent(ids, 2), b: bent(ids, 2) }), facts);
    expect(each).toMatchObject({ outcome: "within", differing: 4 });
    expect(auditFinding(trained({ a: ids, b: ids }), trained({ a: ids }), facts).outcome).toBe("differs");
  });

  it("compares the whole curve where the predictions are the same, and its beginning where they aren't", () => {
    const ids = Array<number>(100).fill(1);
    const of = (curve: Trained["losses"], changed: number) =>
      auditFinding(trained({ a: ids }, curve), trained({ a: bent(ids, changed) }), facts).outcome;
    const beyond = 1 + 2 * lossTolerance;
    expect(of(bentLosses(50, beyond), 0)).toBe("differs");
    expect(of(bentLosses(50, 1 + lossTolerance / 2), 0)).toBe("same");
    expect(of(bentLosses(firstSteps + 1, beyond), 1)).toBe("within");
    expect(of(bentLosses(firstSteps, beyond), 1)).toBe("differs");
    expect(of(bentLosses(1, Number.NaN), 0)).toBe("differs");
    expect(of(losses(60), 0)).toBe("differs"); // more than the run has
  });

  it("where rounding decides, takes what begins alike and lies among other seeds", () => {
    const ids = Array<number>(100).fill(1);
    const of = (accuracy: number, rest: Partial<AuditFacts> = {}, runs = 10) =>
      auditFinding(trained({ a: ids }), trained({ a: bent(ids, 40) }), {
        ...facts,
        bound: null,
        spreads: [{ method: "a", accuracy, references: { runs, least: 0.6, most: 0.7 } }],
        ...rest,
      });
    expect(of(0.65).outcome).toBe("alike");
    expect(of(0.79).outcome).toBe("alike");
    expect(of(0.81)).toMatchObject({ outcome: "differs", reason: expect.stringContaining("60.0 to 70.0 %") });
    expect(of(0.49).outcome).toBe("differs");
    expect(of(0.99, {}, 4).outcome).toBe("alike"); // too few say nothing
    expect(of(0.65, { copyOf: 7 })).toMatchObject({ outcome: "differs", reason: expect.stringContaining("seed 7") });
    expect(of(0.99, { sameSoftware: false }).outcome).toBe("unknown");
    expect(of(0.65, { sameSoftware: false }).outcome).toBe("alike");
  });

  it("is said in words", () => {
    expect(auditInWords({ outcome: "same", predictions: 2840, differing: 0 })).toMatch(
      /all 2,840 predictions the same$/,
    );
    expect(auditInWords({ outcome: "within", predictions: 2840, differing: 3 })).toMatch(
      /3 of 2,840 predictions differ/,
    );
    for (const outcome of ["alike", "differs", "unknown"] as const)
      expect(auditInWords({ outcome, predictions: 2840, differing: 3 })).toMatch(/^trained again by the server/);
  });
});
