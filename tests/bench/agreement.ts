/**
 * Whether runs on WebGPU say what runs on WASM say: predictions of every policy that differ, on the digits. A separate
 * program that prints a JSON object.
 */
import { startBackendInNode } from "@/lib/cli/backend";
import { builtInPolicies, isPeriodic } from "@/lib/dmbn/policy";
import { benchmarks } from "@/lib/leaderboard/benchmarks";
import { examplesOf, planRun, scorePolicies, TrainingRun } from "@/lib/training";
import { digits } from "../support/digits";

export interface Agreement {
  adapter: string;
  boards: {
    board: string;
    predictions: number;
    /** Of them, those that are not WASM's. */
    differing: number;
    /** Of them, those of a second run on WebGPU that are not the first's. */
    notRepeated: number;
  }[];
}

const boards = ["digits-mlp-short", "digits-mlp", "digits-mlp-deep-b4", "digits-cnn"];
const policies = builtInPolicies.map(({ document }) => document).filter((policy) => !isPeriodic(policy));
const dataset = await digits();

/** The predictions of every policy, one after another, on the current backend. */
async function predictionsOn(board: string): Promise<number[]> {
  const { recipe } = benchmarks.find(({ slug }) => slug === board)!;
  const run = new TrainingRun(planRun({ recipe, variant: "bn", seed: 1, dataset }));
  for await (const _ of run.steps());
  const scored = await scorePolicies(run.network, run.source, policies, examplesOf(run.plan));
  run.dispose();
  return scored.flatMap(({ predictions }) => [...predictions]);
}

async function onAll(): Promise<number[][]> {
  const all: number[][] = [];
  for (const board of boards) all.push(await predictionsOn(board));
  return all;
}

const unequal = (a: readonly number[], b: readonly number[]) => a.filter((each, index) => each !== b[index]).length;

const now = () => performance.now();
await startBackendInNode("wasm", { now, threads: 1 });
const onWasm = await onAll();
const { adapter } = await startBackendInNode("webgpu", { now }); // fails if the self-test does
const [first, second] = [await onAll(), await onAll()];
const agreement: Agreement = {
  adapter,
  boards: boards.map((board, index) => ({
    board,
    predictions: onWasm[index]!.length,
    differing: unequal(onWasm[index]!, first[index]!),
    notRepeated: unequal(first[index]!, second[index]!),
  })),
};
console.log(JSON.stringify(agreement));
process.exit(0);
