/**
 * Chooses a backend: the one that the user named, or the fastest that passes the
 * self-test. Every candidate first computes a small job, whose results must match
 * the plain CPU's. If several pass, a typical job is timed on each, so a GPU that
 * is wrong or slow loses. An emulated GPU is rejected without timing: compiling
 * for it can take longer than a run.
 */
import { setBackend } from "@tensorflow/tfjs-core";
import type { BackendInfo, BackendName, BackendOptions } from "./backends";
import { startBackend } from "./backends";

export interface BackendProbe {
  /** Results of a small job on the current backend; they must agree across backends within `tolerance`. */
  compute(): Promise<number[]>;
  /** Runs a typical job once, to be timed. */
  work(): Promise<void>;
  /** Largest allowed difference of a result, relative to 1 + |result|. */
  tolerance: number;
}

export interface ChooseOptions extends BackendOptions {
  wanted: "auto" | BackendName;
  /** Whether to try WASM if `wanted` can't be used. Default: yes. */
  fallback?: boolean;
  probe: BackendProbe;
  /** A clock in milliseconds, such as `performance.now`. */
  now: () => number;
}

export interface Rejection {
  name: BackendName;
  reason: string;
}

export interface BackendChoice extends BackendInfo {
  /** Why this backend was chosen, in a sentence. */
  reason: string;
  /** Candidates that failed or were slower, and why. */
  rejected: Rejection[];
}

interface Candidate {
  info: BackendInfo;
  milliseconds: number;
}

/**
 * Starts the chosen backend and leaves it current. In the worst case that is the CPU; `reason` then says why the wanted
 * one failed.
 */
export async function chooseBackend({
  wanted,
  fallback = true,
  probe,
  now,
  ...options
}: ChooseOptions): Promise<BackendChoice> {
  await startBackend("cpu", options);
  const expected = await probe.compute();
  const rejected: Rejection[] = [];
  const names =
    wanted === "auto"
      ? (["webgpu", "wasm"] as const)
      : wanted === "cpu"
        ? []
        : fallback && wanted !== "wasm"
          ? ([wanted, "wasm"] as const)
          : [wanted];

  const fit: Candidate[] = [];
  for (const name of names) {
    try {
      const info = await startBackend(name, options);
      if (wanted === "auto" && info.emulated)
        throw new Error(`${info.adapter} is a GPU emulated by the CPU, slower than WASM`);
      const wrong = firstDifference(await probe.compute(), expected, probe.tolerance);
      if (wrong) throw new Error(`failed the self-test: ${wrong}`);
      if (wanted !== "auto") {
        fit.push({ info, milliseconds: 0 });
        break;
      }
      await probe.work(); // warm-up: compiles shaders
      const before = now();
      await probe.work();
      fit.push({ info, milliseconds: now() - before });
    } catch (error) {
      rejected.push({ name, reason: error instanceof Error ? error.message : String(error) });
    }
  }
  const best = fit.reduce<Candidate | null>(
    (fastest, candidate) => (fastest && fastest.milliseconds <= candidate.milliseconds ? fastest : candidate),
    null,
  );
  for (const { info, milliseconds } of fit) {
    if (info !== best?.info)
      rejected.push({
        name: info.name,
        reason: `slower: ${format(milliseconds)} for the test job against ${format(best!.milliseconds)}`,
      });
  }
  const info = await use(best?.info, options);
  return { ...info, reason: reasonFor(info, wanted, best, rejected), rejected };
}

async function use(info: BackendInfo | undefined, options: BackendOptions): Promise<BackendInfo> {
  if (!info) return startBackend("cpu", options);
  if (!(await setBackend(info.name))) throw new Error(`the ${info.name} backend stopped after its self-test`);
  return info;
}

function reasonFor(
  info: BackendInfo,
  wanted: ChooseOptions["wanted"],
  best: Candidate | null,
  rejected: readonly Rejection[],
): string {
  const failure = rejected.find(({ name }) => name === wanted) ?? rejected[0];
  if (info.name === wanted) return "you chose it, and it passed the self-test";
  if (wanted !== "auto") return `you chose ${wanted}, but it could not be used: ${failure?.reason}`;
  if (!best)
    return `nothing faster could be used: ${rejected.map(({ name, reason }) => `${name}: ${reason}`).join("; ")}`;
  const other = failure ? ` (${failure.name}: ${failure.reason})` : "";
  return `the fastest that passed the self-test: ${format(best.milliseconds)} for the test job${other}`;
}

const format = (milliseconds: number) => `${milliseconds < 10 ? milliseconds.toFixed(1) : Math.round(milliseconds)} ms`;

function firstDifference(actual: readonly number[], expected: readonly number[], tolerance: number): string | null {
  if (actual.length !== expected.length) return `${actual.length} numbers instead of ${expected.length}`;
  const index = actual.findIndex(
    (value, i) => !(Math.abs(value - expected[i]!) <= tolerance * (1 + Math.abs(expected[i]!))),
  );
  return index < 0 ? null : `number ${index} is ${actual[index]} instead of ${expected[index]}`;
}
