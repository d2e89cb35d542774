/** Files that are, and are not, the trajectory of a run. */
import fc from "fast-check";
import { beforeAll, expect, it } from "vitest";
import { benchmarks } from "@/lib/leaderboard";
import type { Manifest } from "@/lib/records";
import { decodeTrajectory } from "@/lib/records";
import { startNodeBackend } from "@/lib/runtime/node";
import { trajectoryFault } from "@/lib/training";
import { runWithWeights } from "../support/honest-run";

let manifest: Manifest;
let file: Uint8Array;
beforeAll(async () => {
  await startNodeBackend("wasm", { threads: 1 });
  const benchmark = benchmarks.find(({ slug }) => slug === "digits-mlp-short")!;
  const run = await runWithWeights({ benchmark, seed: 5, policies: ["dmbn"] });
  manifest = run.submission.record.manifest;
  file = run.weights;
});

it("finds nothing wrong with a run's own", () => {
  expect(trajectoryFault(file, manifest)).toBeNull();
});

it("never throws, whatever is changed; what it takes has the header of the run and finite numbers", () => {
  const change = fc.record({ at: fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), to: fc.nat(255) });
  const start = fc.nat(1500); // the header, mostly
  fc.assert(
    fc.property(fc.array(fc.oneof(change, start), { minLength: 1, maxLength: 4 }), fc.nat(255), (changes, byte) => {
      const other = Uint8Array.from(file);
      for (const it of changes) {
        if (typeof it === "number") other[it] = byte;
        else other[Math.floor(it.at * other.length)] = it.to;
      }
      const fault = trajectoryFault(other, manifest);
      if (fault !== null) {
        expect(fault).toMatch(/.\.$/);
        return;
      }
      const { header, weights, trace } = decodeTrajectory(other);
      expect(header).toMatchObject({ seed: 5, variant: "bn", steps: manifest.steps, dataset: manifest.dataset });
      const values = [...Object.values(weights), ...trace.layers.flatMap(({ mean, variance }) => [mean, variance])];
      expect(values.every((some) => some.every(Number.isFinite))).toBe(true);
    }),
    { numRuns: 300 },
  );
});

it("never throws on any bytes", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => {
      expect(trajectoryFault(bytes, manifest)).toMatch(/.\.$/);
    }),
  );
});
