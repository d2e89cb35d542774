/** What becomes of tasks when the process that does them dies, hangs or can't be started. */
import type { ChildProcess } from "node:child_process";
import { fork } from "node:child_process";
import { readFile } from "node:fs/promises";
import { setTimeout } from "node:timers/promises";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { builtInPolicies, isPeriodic, schedule } from "@/lib/dmbn/policy";
import { benchmarks } from "@/lib/leaderboard";
import { sha256 } from "@/lib/server/artifacts";
import type { Scorer } from "@/lib/server/scoring/scorer";
import { startScorer } from "@/lib/server/scoring/scorer";
import type { ProcessOptions } from "@/lib/server/scoring/scoring-process";
import { ScoringEnded, ScoringError } from "@/lib/server/scoring/scoring-process";

// The real `fork`, watched: the tests send signals to the processes.
vi.mock("node:child_process", async (load) => {
  const actual = await load<typeof import("node:child_process")>();
  return { ...actual, fork: vi.fn(actual.fork) };
});
const started = () => vi.mocked(fork).mock.results.map(({ value }) => value as ChildProcess);

const { recipe } = benchmarks[0]!;
const policies = builtInPolicies.filter(({ document }) => !isPeriodic(document)).map(({ document }) => document);
const runs = [{ recipe, variant: "bn" as const }];
const refused = { run: 0, issue: { field: "momentum" } };

const scorers: Scorer[] = [];
const scorerWith = (options: Partial<ProcessOptions>): Scorer => {
  const scorer = startScorer(options);
  scorers.push(scorer);
  return scorer;
};
beforeEach(() => void vi.mocked(fork).mockClear());
afterEach(() => {
  for (const scorer of scorers.splice(0)) scorer.stop();
});

const file = await readFile("public/trajectories/digits-mlp-v1/bn-0.safetensors");
const scoreAll = (scorer: Scorer) => scorer.score({ hash: sha256(file), read: async () => file }, policies);

it("kills a process that hangs, answers those who wait, and tries the task again in a new process", async () => {
  const expected = await scoreAll(scorerWith({}));
  const scorer = scorerWith({ silentMs: 3000 });
  await scorer.check(schedule(0.9), runs);
  const [, hung] = started();
  hung!.kill("SIGSTOP");
  const answered: string[] = [];
  const scored = scoreAll(scorer).finally(() => answered.push("the task that hung"));
  const checks = [schedule(0.9), schedule("step / 300")].map((policy) =>
    scorer.check(policy, runs).finally(() => answered.push("a task that waited")),
  );
  expect(await checks[0]).toBeNull();
  expect(await checks[1]).toMatchObject(refused);
  expect(await scored).toEqual(expected);
  expect(answered).toEqual(["a task that waited", "a task that waited", "the task that hung"]);
  expect(hung!.signalCode).toBe("SIGKILL");
  expect(started()).toHaveLength(3);
});

it("tries a task again whose process was killed in the middle, and gives up when that happens again", async () => {
  const scorer = scorerWith({});
  await scorer.check(schedule(0.9), runs);
  const task = { recipe: { ...recipe, epochs: 1000 }, variants: ["bn" as const], seed: 1 };
  const ended = expect(scorer.record(task)).rejects.toThrow(ScoringEnded);
  for (const count of [1, 2]) {
    await vi.waitFor(() => expect(started()).toHaveLength(count), { timeout: 120_000 });
    started()[count - 1]!.kill("SIGKILL");
  }
  await ended;
  expect(await scorer.check(schedule("step / 300"), runs)).toMatchObject(refused);
});

it("limits the time of every kind of task, also of one that shows signs of life", async () => {
  const scorer = scorerWith({ taskMs: 2500 });
  await expect(scorer.record({ recipe: { ...recipe, epochs: 100_000 }, variants: ["bn"], seed: 1 })).rejects.toThrow(
    "the scoring process ended: a task took longer than 2.5 s",
  );
  expect(started()).toHaveLength(2);
});

it("reports a process that can't be started, and starts one as soon as that works", async () => {
  const { execPath } = process;
  const scorer = scorerWith({});
  process.execPath = "/nowhere/node";
  const failed = await scorer.check(schedule(0.9), runs).catch((error: Error) => error);
  process.execPath = execPath;
  expect(failed).toBeInstanceOf(ScoringError);
  expect((failed as Error).message).toMatch(/ENOENT/);
  expect(await scorer.check(schedule(0.9), runs)).toBeNull();
});

it("ends a process that has nothing to do", async () => {
  const scorer = scorerWith({ idleMs: 500 });
  await scorer.check(schedule(0.9), runs);
  const [idle] = started();
  await vi.waitFor(() => expect(idle!.signalCode).toBe("SIGKILL"), { timeout: 10_000 });
  expect(await scorer.check(schedule(0.9), runs)).toBeNull();
});

it("waits inside a task while its share is none, and goes on to the same result", async () => {
  const task = { recipe: { ...recipe, maxSteps: 200 }, variants: ["bn" as const], seed: 7 };
  const scorer = scorerWith({ silentMs: 3000, taskMs: 60_000 });
  const expected = await scorer.record(task);
  scorer.pace(0);
  let done = false;
  const held = scorer.record(task).finally(() => (done = true));
  await setTimeout(5000); // longer than it may be silent, and than the task takes
  expect(done).toBe(false);
  scorer.pace(0.5);
  expect((await held).map((file) => sha256(file))).toEqual(expected.map((file) => sha256(file)));
});
