/** dmbn.py against our own library, on a recorded run that comes with the project. */
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { beforeAll, describe, expect, it } from "vitest";
import { gather } from "@/lib/datasets";
import { fromTrace, replay, totalShift } from "@/lib/dmbn";
import { closedFormMomenta } from "@/lib/dmbn/drift";
import type { MomentumPolicy } from "@/lib/dmbn/policy";
import { builtInPolicies, scheduleOn } from "@/lib/dmbn/policy";
import { decodeTrajectory } from "@/lib/records";
import { startNodeBackend } from "@/lib/runtime/node";
import { examplesOf } from "@/lib/training";
import { loadTrajectory } from "@/lib/training/trajectory";
import { digits } from "../support/digits";
import { findPython, runPython } from "../support/python";

const path = "public/trajectories/digits-mlp-v1/bn-0.safetensors";
const trajectory = decodeTrajectory(await readFile(path));

interface Report {
  run: Record<string, number>;
  documents: Record<string, MomentumPolicy>;
  statistics: Record<string, [mean: number[], variance: number[]][]>;
  scores: {
    policy: string;
    refused?: string;
    accuracy: number;
    predictions: number[];
    momentum: (number | string | null)[];
    shift: [mean: number, deviation: number][];
    edge: string[];
  }[];
}

const inPython = (python: string, input: object) =>
  runPython<Report>(python, ["-B", fileURLToPath(new URL("trajectory.py", import.meta.url))], {
    trajectory: path,
    averages: averages.map(({ slug }) => slug),
    ...input,
  });

/** The policies whose statistics the trace alone gives. */
const averages = builtInPolicies.filter(
  ({ document }) => document.kind === "schedule" || (document.kind === "select" && document.by === "drift"),
);
const load = async () => loadTrajectory(trajectory, await digits());

const numpy = findPython("numpy");
describe.skipIf(!numpy)(`dmbn.py without PyTorch${numpy ? "" : " (skipped: apt-get install python3-numpy)"}`, () => {
  let report: Report;
  beforeAll(async () => {
    await startNodeBackend("wasm", { threads: 1 });
    report = await inPython(numpy!, {});
  });

  it("has the built-in policies of the gallery, in their order, with every setting", () => {
    const settings = ({ document }: { document: object }) =>
      Object.fromEntries(Object.entries(document).filter(([, value]) => value !== null));
    expect(Object.entries(report.documents).map(([slug, document]) => [slug, settings({ document })])).toEqual(
      builtInPolicies.map(({ slug, document }) => [slug, settings({ document })]),
    );
    expect(Object.keys(report.documents)).toEqual(builtInPolicies.map(({ slug }) => slug));
  });

  it("knows of a trajectory what our policies may read", async () => {
    const { plan, dispose } = await load();
    const { stepsPerEpoch, epochs, batchSize, learningRate } = plan.shape;
    expect(report.run).toEqual({ stepsPerEpoch, epochs, batchSize, learningRate });
    dispose();
  });

  it("replays every policy that averages to 1e-12 of our own statistics", async () => {
    const { plan, dispose } = await load();
    dispose();
    const { trace } = trajectory;
    const source = fromTrace(trace, scheduleOn(plan.shape));
    const momenta = closedFormMomenta(trace);
    const worst = Object.fromEntries(
      averages.map(({ slug, document }) => {
        const ours =
          document.kind === "schedule"
            ? source.statistics(document)
            : replay(trace, { momentum: (_, layer) => momenta[layer]!.mean });
        const theirs = report.statistics[slug]!;
        const differences = ours.flatMap(({ mean, variance }, layer) =>
          [mean, variance].flatMap((values, part) =>
            Array.from(values, (value, c) => Math.abs(theirs[layer]![part]![c]! - value) / (1 + Math.abs(value))),
          ),
        );
        return [slug, Math.max(...differences)];
      }),
    );
    expect(averages.length).toBeGreaterThan(30);
    expect(Object.entries(worst).filter(([, difference]) => !(difference < 1e-12))).toEqual([]);
  });
});

const torch = findPython("torch");
describe.skipIf(!torch)(`dmbn.py with PyTorch${torch ? "" : " (skipped: apt-get install python3-torch)"}`, () => {
  it("gives every policy the predictions, momenta and shifts that we give it, or says why it can't", async () => {
    await startNodeBackend("wasm", { threads: 1 });
    const loaded = await load();
    const { calibration, test } = examplesOf(loaded.plan);
    const rows = ({ dataset, split, indices }: typeof test) => {
      const values = gather(split, indices, dataset.normalization);
      const width = values.length / indices.length;
      return Array.from(indices, (_, index) => [...values.subarray(index * width, (index + 1) * width)]);
    };
    const labels = ({ split, indices }: typeof test) => Array.from(indices, (index) => split.labels[index]!);
    const { scores } = await inPython(torch!, {
      calibration: rows(calibration),
      calibrationLabels: labels(calibration),
      test: rows(test),
      testLabels: labels(test),
      epsilon: trajectory.header.recipe.epsilon,
    });
    const refused = {
      "dmbn-periodic": "weights that no trace holds",
      "small-batch-recalibration": "what follows each",
    };
    const scored = builtInPolicies.filter(({ slug }) => !Object.hasOwn(refused, slug));
    const ours = await loaded.score(scored.map(({ document }) => document));
    loaded.dispose();

    expect(scores.filter((row) => row.refused).map(({ policy, refused }) => [policy, refused])).toEqual(
      Object.entries(refused).map(([slug, reason]) => [slug, expect.stringContaining(reason)]),
    );
    const theirs = scores.filter((row) => !row.refused);
    expect(theirs.map(({ policy }) => policy)).toEqual(scored.map(({ slug }) => slug));
    for (const [index, { fit, predictions }] of ours.entries()) {
      const { slug } = scored[index]!;
      const row = theirs[index]!;
      expect(row.predictions, slug).toEqual([...predictions]);
      expect(row.edge, slug).toEqual(fit.edgeOfGrid);
      for (const [layer, shift] of fit.shift.entries()) {
        const [mean, deviation] = row.shift[layer]!;
        expect(Math.abs(mean + deviation - totalShift(shift)), slug).toBeLessThan(1e-4 * (1 + totalShift(shift)));
        const [beta, expected] = [row.momentum[layer], fit.momentumPerLayer[layer]];
        if (slug === "closed-form") expect(beta).toBeCloseTo(expected as number, 12);
        else expect(beta, slug).toBe(expected);
      }
    }
  });
});
