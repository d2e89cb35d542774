import { fileURLToPath } from "node:url";
import { beforeAll, describe, expect, it } from "vitest";
import type { MomentumPolicy } from "@/lib/dmbn/policy";
import { builtInPolicies, recalibrate, schedule, select, usesLabels } from "@/lib/dmbn/policy";
import { toPyTorch } from "@/lib/dmbn/policy/export";
import { findPython, runPython } from "../../../support/python";
import { distinctIn } from "./policies";
import type { Mutant, Outcome, Report, Trial } from "./two-norm-run";
import { fitOn, mismatches, task, useCpu } from "./two-norm-run";

const anyPython = findPython("json");
const python = findPython("torch");
const policies = distinctIn(toPyTorch);

describe("a policy as PyTorch code", () => {
  it("is one setting if β is constant: 1 − β", () => {
    expect(toPyTorch(schedule(0.9)).code).toContain("norm.momentum = 0.1");
    expect(toPyTorch(schedule(0.99)).code).toContain("norm.momentum = 0.01");
    expect(toPyTorch(schedule("1 - 0.001")).code).toContain("norm.momentum = 0.001");
    expect(toPyTorch(schedule("1 - 1/step")).code).toContain("norm.momentum = None");
  });

  it("notes that PyTorch averages a different variance", () => {
    expect(toPyTorch(schedule(0.9)).notes).toEqual([]);
    expect(toPyTorch(schedule(0.9, { variance: "biased" })).notes[0]).toContain("(n − 1)/n");
  });

  it("is a loop if β changes", () => {
    const { code } = toPyTorch(builtInPolicies.find(({ slug }) => slug === "pointnet")!.document);
    expect(code).toContain("beta = min(0.99, 1 - 0.5 * 0.5 ** math.floor(step * batch_size / 200000))");
    expect(code).toContain("norm.momentum = 1 - beta");
  });

  it("recalibrates layer after layer at inference, or in training mode as torch's update_bn does", () => {
    expect(toPyTorch(recalibrate()).code).toContain("model.eval()\nfor norm in norms:");
    expect(toPyTorch(recalibrate({ batches: { size: 64 } })).code).toContain("norm.momentum = None");
  });

  it.skipIf(!anyPython)("is a valid program in Python (skipped without python3)", async () => {
    const programs = policies.map(({ policy }) => toPyTorch(policy).code);
    const parse = "import ast, json, sys\nfor code in json.load(sys.stdin):\n    ast.parse(code)\nprint('true')";
    expect(await runPython(anyPython!, ["-c", parse], programs)).toBe(true);
  });
});

interface Program {
  code: string;
  after_training: boolean;
  calibration_batch: number;
}

const programOf = (policy: MomentumPolicy): Program => ({
  code: toPyTorch(policy).code,
  after_training: policy.kind === "recalibrate",
  calibration_batch: (policy.kind === "recalibrate" && policy.batches?.size) || 16,
});

/** The policy that a program follows, according to its notes: PyTorch's variance, and one choice after the run. */
function followed(policy: MomentumPolicy): MomentumPolicy {
  if (policy.kind === "schedule") return { ...policy, variance: "unbiased" };
  return policy.kind === "select" ? { ...policy, every: null } : policy;
}

const finely = select({ granularity: "channel", parameters: "separate" });
const tooSlow = select({ order: "independent", granularity: "channel", candidates: ["0.999", "0.9995"] });
const closedForm = select({ by: "drift" });
const inBatches = recalibrate({ batches: { size: 8 } });
const pooled = recalibrate({ batches: { size: 8, variance: "pooled" } });
const byLoss = select({ by: "loss", candidates: ["0", "0.5", "0.9", "1 - 1 / step"] });
const estimators = select({ estimators: ["unbiased", "biased", "total"], candidates: ["0.5", "0.9", "1 - 1 / step"] });
const lossCorrected = recalibrate({ correction: { by: "loss" } });
const smallBatch = recalibrate({ correction: { by: "small-batch" } });
const apart = schedule("0.9", { varianceMomentum: "0.5" });
const debiased = schedule("0.99", { debias: true });
const moving = schedule("1 - 1 / (1 + step)");

const mutants: readonly Mutant[] = [
  { name: "the default precision", policy: select(), from: "mean.new_tensor", to: "torch.tensor" },
  { name: "the worst candidate", policy: select(), from: ".argmin(", to: ".argmax(" },
  { name: "a mean for a variance", policy: select(), from: "variances[layer].gather", to: "means[layer].gather" },
  { name: "the mean's choice for both", policy: finely, from: "(shift_std).argmin", to: "(shift_mean).argmin" },
  { name: "the shift of the variance", policy: select(), from: "variance.sqrt()", to: "variance" },
  { name: "the biased variance", policy: select(), from: "correction=1 if len(x) > 1 else 0", to: "correction=0" },
  { name: "a wrong total", policy: select({ variance: "total" }), from: "+ beta * (mean -", to: "- beta * (mean -" },
  { name: "omitted population statistics", policy: tooSlow, from: ".copy_(mean)", to: ".copy_(best_mean)" },
  { name: "a wrong root in the closed form", policy: closedForm, from: "** (1 / 3)", to: "** (1 / 2)" },
  { name: "half the drift", policy: closedForm, from: "(4 * drift", to: "(2 * drift" },
  { name: "half the run instead of a quarter", policy: closedForm, from: "// 4)", to: "// 2)" },
  { name: "β for 1 − β", policy: schedule("0.9"), from: "momentum = 0.1", to: "momentum = 0.9" },
  { name: "β for 1 − β in a loop", policy: moving, from: "momentum = 1 - beta", to: "momentum = beta" },
  { name: "steps from 0", policy: moving, from: "step = 0", to: "step = -1" },
  { name: "swapped weights", policy: apart, from: "lerp_(old_mean, mean_beta)", to: "lerp_(old_mean, 1 - mean_beta)" },
  { name: "the mean's β for both", policy: apart, from: "variance_beta = 0.5", to: "variance_beta = mean_beta" },
  { name: "the sign of the debiasing", policy: debiased, from: "(1 - mean_product", to: "(1 + mean_product" },
  { name: "more data", policy: recalibrate({ samples: 16 }), from: "max(1, 16 //", to: "max(1, 48 //" },
  { name: "a recalibration at inference", policy: inBatches, from: "model.train()", to: "" },
  { name: "a recalibration in training", policy: recalibrate(), from: "model.eval()", to: "model.train()" },
  { name: "the unbiased variance of all", policy: recalibrate(), from: "correction=0", to: "correction=1" },
  { name: "the mean of the variances", policy: pooled, from: " - (mean / count) ** 2", to: "" },
  {
    name: "a shift to the other side",
    policy: smallBatch,
    from: "mean - shift * corrected",
    to: "mean + shift * corrected",
  },
  { name: "the last norm like the others", policy: smallBatch, from: "norm is norms[-1]", to: "False" },
  { name: "no rectifier", policy: smallBatch, from: ".relu()", to: "" },
  { name: "the greatest loss", policy: byLoss, from: "index(min(", to: "index(max(" },
  { name: "later layers as they were", policy: lossCorrected, from: "measure(layer + 1)", to: "pass" },
  {
    name: "one estimator for three",
    policy: estimators,
    from: "correction=1 if len(x) > 1 else 0",
    to: "correction=0",
  },
  { name: "the dearest correction", policy: lossCorrected, from: "found[0] < best[0]", to: "found[0] > best[0]" },
];

describe.skipIf(!python)(
  `PyTorch programs on a network with two norms${python ? "" : " (skipped: apt-get install python3-torch)"}`,
  () => {
    const right = policies.map(({ name, policy }) => ({ name, policy, program: programOf(policy) }));
    const wrong = mutants.map((mutant) => {
      const program = programOf(mutant.policy);
      return { ...mutant, program: { ...program, code: program.code.replaceAll(mutant.from, mutant.to) } };
    });
    let trials: Map<Program, Trial>;

    beforeAll(async () => {
      await useCpu();
      const cases = [...right, ...wrong];
      const { outcomes, ...report } = await runPython<Report & { outcomes: Outcome[] }>(
        python!,
        ["-B", fileURLToPath(new URL("run_pytorch.py", import.meta.url))],
        [task, cases.map(({ program }) => program)],
      );
      const fit = fitOn(report);
      const entries = cases.map(async ({ name, policy, program }, index) => {
        return [program, { name, outcome: outcomes[index]!, expected: await fit(followed(policy)) }] as const;
      });
      trials = new Map(await Promise.all(entries));
    }, 300_000);

    const mismatchesOf = (kind: (policy: MomentumPolicy) => boolean, tolerance: number) => {
      const chosen = right.filter(({ policy }) => kind(policy)).map(({ program }) => trials.get(program)!);
      expect(chosen.length).toBeGreaterThan(1);
      return mismatches(chosen, tolerance);
    };

    it("average like our replay for every schedule, to 1e-12", () => {
      expect(mismatchesOf(({ kind }) => kind === "schedule", 1e-12)).toEqual({});
    });

    it("choose by estimation shift like DMBN, to 1e-12", () => {
      const byShift = (policy: MomentumPolicy) => policy.kind === "select" && policy.by === "estimation-shift";
      expect(mismatchesOf(byShift, 1e-12)).toEqual({});
    });

    it("choose by labels: the least loss and the fewest errors, by layer and for the network, to 1e-12", () => {
      const byLabels = (policy: MomentumPolicy) => policy.kind === "select" && usesLabels(policy);
      expect(mismatchesOf(byLabels, 1e-12)).toEqual({});
    });

    it("average by the closed form, to 1e-12", () => {
      expect(mismatchesOf((policy) => policy.kind === "select" && policy.by === "drift", 1e-12)).toEqual({});
    });

    it("recalibrate in every way, to the single precision of our measurement", () => {
      const isSmallBatch = (policy: MomentumPolicy) =>
        policy.kind === "recalibrate" && policy.correction?.by === "small-batch";
      expect(mismatchesOf((policy) => policy.kind === "recalibrate" && !isSmallBatch(policy), 1e-6)).toEqual({});
      // Where the rectifier bends, our last step along a line is less exact than the program's forty halvings.
      expect(mismatchesOf(isSmallBatch, 1e-4)).toEqual({});
    });

    it.each(wrong)("are detected as wrong with $name", ({ name, program }) => {
      expect(mismatches([trials.get(program)!], 1e-10)).toEqual({ [name]: expect.stringContaining("differs by") });
    });
  },
);
