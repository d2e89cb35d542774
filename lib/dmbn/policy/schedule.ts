/**
 * β over a run: compiles an expression for the shape of a run to the momentum at
 * each step and layer, and checks that it is always in [0, 1].
 */
import type { Schedule } from "../trace";
import type { Expression } from "./expression";
import { compile, variablesOf } from "./expression";
import type { MomentumPolicy, SchedulePolicy } from "./policy";
import { PolicyError } from "./policy-error";
import { countNodes, parseExpression } from "./syntax";
import type { Scope, VariableName } from "./vocabulary";

/** What a policy may read about a run. */
export interface RunShape {
  steps: number;
  stepsPerEpoch: number;
  epochs: number;
  batchSize: number;
  /** Base learning rate, before its schedule. */
  learningRate: number;
  /** The batch-norm layers in forward order. */
  layers: readonly { channels: number }[];
}

/** β at `step` (from 1) of `layer` (index from 0); see `rounding` for values just outside [0, 1]. */
export type MomentumSchedule = (step: number, layer: number) => number;

/**
 * β this close to [0, 1] is taken for its edge: a formula whose exact value is 0 or 1 can miss it by a few roundings,
 * as debiasing by `1 - 0.0005 / (1 - 0.9995^step)` gives −1.1e-13 at step 1. The error grows with 1/(1 − β); this
 * covers averages of up to a million batches, and is far below what a float32 statistic can show.
 */
const rounding = 1e-10;

const withinRounding = (value: number): number => {
  if (value < 0 && value >= -rounding) return 0;
  return value > 1 && value <= 1 + rounding ? 1 : value;
};

/** The highest cost of a policy on one run, in node evaluations: nodes × steps × layers, summed over expressions. */
export const evaluationBudget = 100_000_000;

/**
 * β of an expression over one run. Evaluates once if the expression is constant,
 * and once per step if it is the same for all layers.
 * @throws PolicyError if the text is not an expression; RangeError if the run has less than one step per epoch
 */
export function momentumSchedule(expression: Expression, run: RunShape): MomentumSchedule {
  if (!(run.stepsPerEpoch >= 1)) throw new RangeError(`stepsPerEpoch must be at least 1, got ${run.stepsPerEpoch}`);
  const evaluate = compile(expression);
  const names = variablesOf(expression);
  const scope: Scope = {
    step: 0,
    epoch: 0,
    layer: 0,
    channels: 0,
    steps: run.steps,
    epochs: run.epochs,
    layers: run.layers.length,
    batchSize: run.batchSize,
    learningRate: run.learningRate,
  };
  const momentumAt: MomentumSchedule = (step, layer) => {
    scope.step = step;
    scope.epoch = Math.floor((step - 1) / run.stepsPerEpoch);
    scope.layer = layer;
    scope.channels = run.layers[layer]?.channels ?? 0;
    return withinRounding(evaluate(scope));
  };
  if (readsLayer(names)) return momentumAt;
  if (!readsTime(names)) {
    const constant = momentumAt(1, 0);
    return () => constant;
  }
  let [lastStep, last] = [Number.NaN, Number.NaN];
  return (step) => {
    if (step !== lastStep) [lastStep, last] = [step, momentumAt(step, 0)];
    return last;
  };
}

/** Turns schedule policies into their schedules on `run`, for `fromTrace` and `bankFor`. */
export const scheduleOn =
  (run: RunShape) =>
  ({ momentum, varianceMomentum, variance, initial, debias }: SchedulePolicy): Schedule => ({
    momentum: momentumSchedule(momentum, run),
    ...(varianceMomentum === null ? {} : { varianceMomentum: momentumSchedule(varianceMomentum, run) }),
    variance,
    initial,
    debias,
  });

/**
 * Node evaluations that a policy costs on a run: for each of its expressions
 * nodes × steps × layers, counting steps and layers only if the expression
 * depends on them.
 */
export function policyCost(policy: MomentumPolicy, run: RunShape): number {
  return expressionsOf(policy).reduce((sum, { expression }) => {
    const names = variablesOf(expression);
    return (
      sum + countNodes(parseExpression(expression)) * stepsToVisit(names, run).count * layersToVisit(names, run).length
    );
  }, 0);
}

/**
 * Checks that a policy can run: within `evaluationBudget`, and β finite and in
 * [0, 1] (give or take `rounding`) at every step of every layer; with `debias` β below 1 at step 1, since
 * the average is divided by 1 − ∏β.
 * @throws PolicyError naming the budget, or the first step outside [0, 1] with its layer and value
 */
export function checkMomentum(policy: MomentumPolicy, run: RunShape): void {
  const cost = policyCost(policy, run);
  if (cost > evaluationBudget) {
    throw new PolicyError({
      field: policy.kind === "select" ? "candidates" : "momentum",
      found: `${cost.toLocaleString("en")} (nodes × steps × layers)`,
      expected: `a policy within the budget of ${evaluationBudget.toLocaleString("en")} evaluations a run`,
      remedy: "Write shorter expressions, name fewer candidates, or let them depend on epoch instead of step.",
    });
  }
  for (const { field, expression } of expressionsOf(policy)) {
    const names = variablesOf(expression);
    const momentum = momentumSchedule(expression, run);
    const layers = layersToVisit(names, run);
    const { count, stride } = stepsToVisit(names, run);
    const debias = policy.kind === "schedule" && policy.debias;
    for (let visit = 0; visit < count; visit++) {
      const step = 1 + visit * stride;
      for (const layer of layers) {
        const value = momentum(step, layer);
        if (value >= 0 && value <= 1 && !(debias && step === 1 && value === 1)) continue;
        const place = `${value} at step ${step} of layer ${layer}`;
        const offence = { step, layer, value };
        if (value === 1) {
          throw new PolicyError({
            field,
            offence,
            found: place,
            expected: "β below 1 at the first step of a debiased average",
            remedy: "Start lower: 1 − ∏β must not be 0.",
          });
        }
        throw new PolicyError({
          field,
          offence,
          found: place,
          expected: "β finite and from 0 to 1",
          remedy: "Wrap it: clamp(…, 0, 1), or correct the formula.",
        });
      }
    }
  }
}

/** The expressions of a policy, each with its field. */
function expressionsOf(policy: MomentumPolicy): { field: string; expression: Expression }[] {
  switch (policy.kind) {
    case "schedule": {
      const momentum = { field: "momentum", expression: policy.momentum };
      return policy.varianceMomentum === null
        ? [momentum]
        : [momentum, { field: "varianceMomentum", expression: policy.varianceMomentum }];
    }
    case "select":
      return policy.candidates.map((expression, index) => ({ field: `candidates[${index}]`, expression }));
    case "recalibrate":
      return [];
  }
}

const readsLayer = (names: ReadonlySet<VariableName>) => names.has("layer") || names.has("channels");
const readsTime = (names: ReadonlySet<VariableName>) => names.has("step") || names.has("epoch");

/** Steps 1, 1 + stride, … at which an expression can take a new value. */
function stepsToVisit(names: ReadonlySet<VariableName>, run: RunShape): { count: number; stride: number } {
  if (names.has("step")) return { count: run.steps, stride: 1 };
  if (names.has("epoch")) return { count: Math.ceil(run.steps / run.stepsPerEpoch), stride: run.stepsPerEpoch };
  return { count: Math.min(run.steps, 1), stride: 1 };
}

/** Layers at which an expression can take different values; of equal layers only the first. */
function layersToVisit(names: ReadonlySet<VariableName>, run: RunShape): number[] {
  const all = run.layers.map((_, layer) => layer);
  if (names.has("layer")) return all;
  if (names.has("channels"))
    return all.filter(
      (layer) => run.layers.findIndex(({ channels }) => channels === run.layers[layer]!.channels) === layer,
    );
  return all.slice(0, 1);
}
