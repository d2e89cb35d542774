import { argMax, dispose, slice } from "@tensorflow/tfjs-core";
import { beforeAll, expect, it } from "vitest";
import type { InferenceCursor, RunningStatistics } from "@/lib/dmbn";
import { leastShift, replay, walk } from "@/lib/dmbn";
import type { BackendName } from "@/lib/runtime";
import { eachBackend } from "../support/backends";
import { expectClose } from "../support/golden";
import type { Trained } from "../support/golden-run";
import { loadRun, range, rowsOf, trainAs } from "../support/golden-run";

/** A whole run deviates from float64 a little more than one op does. */
const close = { relative: 5e-4 };

/** Together these two have every kind of layer, so they need every kernel; more would take long on a software GPU. */
const onWebGPU = ["run-cnn", "run-bottleneck-bfn"];

for (const name of ["run-mlp", "run-mlp-bfn", "run-cnn", "run-bottleneck", "run-bottleneck-bfn"]) {
  const backends: BackendName[] = onWebGPU.includes(name) ? ["cpu", "wasm", "webgpu"] : ["cpu", "wasm"];
  const run = loadRun(name);
  const layers = range(run.trace.length);

  eachBackend(
    `${name} against PyTorch in float64`,
    () => {
      let trained: Trained;
      let candidates: RunningStatistics[][]; // [candidate][layer]

      beforeAll(async () => {
        trained = await trainAs(run);
        candidates = run.candidates.map((_, k) => layers.map((layer) => trained.bank.statistics(k, layer)));
      });

      const calibrate = () => {
        const x = rowsOf(run.train.x, range(run.calibrationCount));
        // Two chunks, so that merging them is tested too.
        const [first, second] = [slice(x, 0, 24), slice(x, 24)];
        const cursors = [first, second].map((chunk) => trained.network.start(chunk));
        dispose([x, first, second]);
        return cursors;
      };

      const expectPredictions = async (
        statistics: RunningStatistics[],
        expected: { testLogits: { shape: number[]; data: number[] }; testPredictions: number[] },
      ) => {
        const x = rowsOf(run.test.x, range(run.test.y.length));
        const cursor: InferenceCursor = trained.network.start(x);
        for (const layer of statistics) cursor.advance(layer);
        await expectClose(cursor.value, expected.testLogits, { ...close, what: "test logits" });
        const predictions = argMax(cursor.value, 1);
        expect(Array.from(await predictions.data())).toEqual(expected.testPredictions);
        dispose([x, predictions]);
        cursor.dispose();
      };

      it("has the losses of every step and the final weights", async () => {
        await expectClose(trained.losses, run.losses, close);
        const weights = await trained.network.weights();
        expect(Object.keys(weights)).toEqual(Object.keys(run.finalWeights));
        for (const [parameter, expected] of Object.entries(run.finalWeights))
          await expectClose(weights[parameter]!, expected, { ...close, what: parameter });
      });

      it("records the trace and updates the bank, and replay is bit-identical to the bank", async () => {
        for (const layer of layers) {
          const traced = trained.trace.layers[layer]!;
          await expectClose(traced.mean, run.trace[layer]!.mean.data, { ...close, what: `trace mean ${layer}` });
          await expectClose(traced.variance, run.trace[layer]!.varianceUnbiased.data, {
            ...close,
            what: `trace variance ${layer}`,
          });
          await expectClose(
            candidates.flatMap((byLayer) => [...byLayer[layer]!.mean]),
            run.bank[layer]!.mean.data,
            { ...close, what: `bank mean ${layer}` },
          );
          await expectClose(
            candidates.flatMap((byLayer) => [...byLayer[layer]!.variance]),
            run.bank[layer]!.variance.data,
            { ...close, what: `bank variance ${layer}` },
          );
        }
        for (const [k, beta] of run.candidates.entries())
          expect(replay(trained.trace, { momentum: () => beta })).toEqual(candidates[k]);
      });

      for (const order of ["sequential", "independent", "perChannel"] as const) {
        it(`chooses like DMBN, ${order}`, async () => {
          const golden = run.selection[order];
          const cursors = calibrate();
          const chosen: (number | null)[] = [];
          const { statistics, population } = await walk(cursors, trained.network.batchNorms, (layer, population) => {
            const choice = leastShift(
              candidates.map((byLayer) => byLayer[layer]!),
              population,
              { perChannel: order === "perChannel" },
            );
            const table = golden.esmTable[layer];
            if (table) {
              expect(
                choice.table.every((shift, k) => Math.abs(shift - table[k]!) <= 2e-3 * table[k]!),
                `shift of layer ${layer}: ${choice.table} against ${table}`,
              ).toBe(true);
              const least = Math.min(...table);
              expect(table[choice.candidate!]).toBeLessThanOrEqual(least * (1 + 1e-4));
            }
            chosen.push(choice.candidate);
            return { statistics: choice.statistics, ...(order === "independent" ? { passedOn: population } : {}) };
          });
          for (const cursor of cursors) cursor.dispose();
          for (const layer of layers) {
            await expectClose(population[layer]!.mean, golden.population[layer]!.mean.data, {
              ...close,
              what: `population mean ${layer}`,
            });
            await expectClose(population[layer]!.variance, golden.population[layer]!.varianceBiased.data, {
              ...close,
              what: `population variance ${layer}`,
            });
          }
          expect(chosen.length).toBe(layers.length);
          await expectPredictions(statistics, golden);
        });
      }

      it("recalibrates with no remaining shift", async () => {
        const cursors = calibrate();
        const { statistics, shift } = await walk(cursors, trained.network.batchNorms, (_, population) => ({
          statistics: population,
        }));
        for (const cursor of cursors) cursor.dispose();
        expect(shift.every(({ mean, std }) => mean === 0 && std === 0)).toBe(true);
        for (const layer of layers)
          await expectClose(statistics[layer]!.variance, run.selection.precise.statistics[layer]!.variance.data, {
            ...close,
            what: `variance ${layer}`,
          });
        await expectPredictions(statistics, run.selection.precise);
      });

      it("predicts under every static momentum", async () => {
        for (const [k, beta] of run.candidates.entries()) {
          const golden = run.selection.static[Object.keys(run.selection.static).find((key) => Number(key) === beta)!]!;
          await expectPredictions(candidates[k]!, golden);
        }
      });
    },
    backends,
  );
}
