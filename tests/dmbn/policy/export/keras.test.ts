import { fileURLToPath } from "node:url";
import { beforeAll, describe, expect, it } from "vitest";
import type { MomentumPolicy } from "@/lib/dmbn/policy";
import { builtInPolicies, recalibrate, schedule, select } from "@/lib/dmbn/policy";
import { toKeras } from "@/lib/dmbn/policy/export";
import { findPython, runPython } from "../../../support/python";
import { distinctIn } from "./policies";
import type { Mutant, Outcome, Report, Trial } from "./two-norm-run";
import { calibrationExamples, fitOn, mismatches, task, unlearned, useCpu } from "./two-norm-run";

const anyPython = findPython("json");
const python = findPython("numpy");
const policies = distinctIn(toKeras).filter(
  ({ policy }) => !(policy.kind === "recalibrate" && policy.correction?.by === "loss"), // needs what PyTorch measured
);
const smallBatch = recalibrate({ correction: { by: "small-batch" } });

describe("a policy as Keras code", () => {
  it("is one setting if β is constant: β", () => {
    expect(toKeras(schedule(0.9)).code).toContain("BatchNormalization(momentum=0.9, epsilon=1e-5)");
  });

  it("notes that Keras averages a different variance", () => {
    expect(toKeras(schedule(0.9, { variance: "biased" })).notes.join()).not.toContain("variance");
    expect(toKeras(schedule(0.9)).notes[0]).toContain("n/(n − 1)");
  });

  it("is a callback if β changes", () => {
    expect(toKeras(builtInPolicies.find(({ slug }) => slug === "pointnet")!.document).code).toContain(
      "beta = min(0.99, 1 - 0.5 * 0.5 ** math.floor(self.step * batch_size / 200000))",
    );
  });

  it.skipIf(!anyPython)("is a valid program in Python (skipped without python3)", async () => {
    const programs = policies.map(({ policy }) => toKeras(policy).code);
    const parse = "import ast, json, sys\nfor code in json.load(sys.stdin):\n    ast.parse(code)\nprint('true')";
    expect(await runPython(anyPython!, ["-c", parse], programs)).toBe(true);
  });
});

/** The chosen momentum of each layer, as input for the programs of selections. */
const chosen = [0.9, 0.5];

type Reported = Pick<Report, "layers">;

interface Program {
  code: string;
  /** Null if the program trains instead of calibrating. */
  calibration_batch: number | null;
}

interface Case {
  name: string;
  program: Program;
  /** The policy that the program follows, according to its notes. */
  followed: MomentumPolicy;
}

/** What a recalibration over several batches follows, all with the same weight. */
const averaged = schedule("1 - 1 / step", { variance: "biased" });

/** The case of a policy. A recalibration measures on one batch, for which Keras and our library agree. */
function caseOf(name: string, policy: MomentumPolicy): Case {
  const { code } = toKeras(policy);
  if (policy.kind === "recalibrate") {
    const { batches } = policy;
    if (batches) return { name, program: { code, calibration_batch: batches.size }, followed: averaged };
    const batch = Math.min(policy.samples ?? Infinity, calibrationExamples);
    return { name, program: { code, calibration_batch: batch }, followed: policy };
  }
  const momenta = schedule(`layer == 0 ? ${chosen[0]} : ${chosen[1]}`);
  const followed = { ...(policy.kind === "schedule" ? policy : momenta), variance: "biased" as const };
  return { name, program: { code, calibration_batch: null }, followed };
}

/** A recalibration over several batches. */
const overBatches: Case = {
  name: "recalibrate, in batches of 8",
  program: { code: toKeras(recalibrate({ samples: 40 })).code, calibration_batch: 8 },
  followed: averaged,
};

const apart = schedule("0.9", { varianceMomentum: "0.5" });
const debiased = schedule("0.99", { debias: true });
const moving = schedule("1 - 1 / (1 + step)");
const started = schedule("0.99", { initial: { mean: 1, variance: 2 } });

const mutants: readonly Mutant[] = [
  { name: "1 − β for β", policy: schedule("0.9"), from: "momentum=0.9", to: "momentum=0.1" },
  { name: "1 − β for β in a callback", policy: moving, from: "momentum = beta", to: "momentum = 1 - beta" },
  { name: "steps from 0", policy: moving, from: "self.step = 0", to: "self.step = -1" },
  { name: "a compiled train step", policy: moving, from: ", run_eagerly=True", to: "" },
  { name: "different initial values", policy: started, from: "Constant(2)", to: "Constant(1)" },
  { name: "the sign of the debiasing", policy: debiased, from: "= 1 - (1 - beta)", to: "= 1 + (1 - beta)" },
  { name: "swapped weights", policy: apart, from: "mean_beta * old_mean", to: "(1 - mean_beta) * old_mean" },
  {
    name: "a mean for a variance",
    policy: apart,
    from: "* norm.moving_variance.numpy()",
    to: "* norm.moving_mean.numpy()",
  },
  { name: "old averages that aren't copied", policy: apart, from: ".numpy().copy()", to: ".numpy()" },
  { name: "reversed choices", policy: select(), from: "zip(norms, chosen,", to: "zip(norms, chosen[::-1]," },
  { name: "the last norm as the others", policy: smallBatch, from: "if norm is norms[-1]:", to: "if False:" },
  { name: "no shift", policy: smallBatch, from: "mean - shift * corrected", to: "mean" },
  { name: "no rectifier", policy: smallBatch, from: "+ beta, 0)", to: "+ beta, -9)" },
  { name: "more data", policy: recalibrate({ samples: 16 }), from: "max(1, 16 //", to: "max(1, 48 //" },
];

describe.skipIf(!python)(
  `Keras programs on a stub of Keras${python ? "" : " (skipped: apt-get install python3-numpy)"}`,
  () => {
    const right = [...policies.map(({ name, policy }) => caseOf(name, policy)), overBatches];
    const wrong = mutants.map((mutant) => {
      const { name, program, followed } = caseOf(mutant.name, mutant.policy);
      return { name, program: { ...program, code: program.code.replaceAll(mutant.from, mutant.to) }, followed };
    });
    let trials: Map<Program, Trial>;

    beforeAll(async () => {
      await useCpu();
      const cases = [...right, ...wrong];
      const { layers, outcomes } = await runPython<Reported & { outcomes: (Outcome & Partial<Reported>)[] }>(
        python!,
        ["-B", fileURLToPath(new URL("run_keras.py", import.meta.url))],
        [{ ...task, chosen }, cases.map(({ program }) => program)],
      );
      const fit = fitOn({ layers, weights: unlearned });
      const entries = cases.map(async ({ name, program, followed }, index) => {
        const outcome = outcomes[index]!;
        const expected = await (outcome.layers ? fitOn({ layers: outcome.layers, weights: unlearned }) : fit)(followed);
        return [program, { name, outcome, expected }] as const;
      });
      trials = new Map(await Promise.all(entries));
    }, 300_000);

    const mismatchesOf = (kind: (program: Program) => boolean, tolerance: number) =>
      mismatches(
        right.filter(({ program }) => kind(program)).map(({ program }) => trials.get(program)!),
        tolerance,
      );

    it("average like our replay for every schedule and every choice, to 1e-12", () => {
      expect(mismatchesOf(({ calibration_batch }) => calibration_batch === null, 1e-12)).toEqual({});
    });

    it("recalibrate, to the single precision of our measurement", () => {
      const isSmallBatch = ({ code }: Program) => code.includes("for_small_batches");
      const recalibrates = (program: Program) => program.calibration_batch !== null;
      expect(mismatchesOf((program) => recalibrates(program) && !isSmallBatch(program), 1e-6)).toEqual({});
      // As of the PyTorch programs: where the rectifier bends, forty halvings are more exact than our last step.
      expect(mismatchesOf(isSmallBatch, 1e-4)).toEqual({});
    });

    it("recalibrate over several batches with their plain average, to 1e-12", () => {
      expect(mismatchesOf((program) => program === overBatches.program, 1e-12)).toEqual({});
    });

    it.each(wrong)("are detected as wrong with $name", ({ name, program }) => {
      expect(mismatches([trials.get(program)!], 1e-3)).toEqual({ [name]: expect.stringContaining("differs by") });
    });
  },
);
