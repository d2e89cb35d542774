import { describe, expect, it } from "vitest";
import type { Training } from "@/app/_components/training/progress";
import { advance, fractionDone, idle, isRunning, secondsLeft } from "@/app/_components/training/progress";
import type { TrainerMessage } from "@/app/_components/training/protocol";
import type { RunRecord } from "@/lib/records";

const reports = (...list: TrainerMessage[]): Training =>
  list.reduce<Training>((training, report) => advance(training, report, () => "key"), { ...idle, phase: "starting" });
const begin = {
  kind: "variant",
  variant: "bn",
  steps: 1000,
  stepsPerEpoch: 100,
  layers: ["norm1"],
  traced: true,
  memory: "about 4 MiB",
  earlier: null,
} satisfies TrainerMessage;
const steps = (step: number, losses: number[]): TrainerMessage => ({
  kind: "steps",
  step,
  losses,
  imagesPerSecond: 100,
  secondsLeft: (1000 - step) / 10,
  cost: { seconds: { data: 1, step: 3, readback: 1 }, dispatches: null, fault: null },
});
const finished = (variant: "bn" | "bn-bfn"): TrainerMessage => ({
  kind: "finished",
  variant,
  result: { record: { manifest: { variant } } as RunRecord, predictions: {} },
});

describe("a training's progress", () => {
  it("holds a long loss curve in bounded memory, as means that preserve its level and its last step", () => {
    let training = reports(begin);
    for (let step = 16; step <= 96_000; step += 16)
      training = advance(
        training,
        steps(
          step,
          Array.from({ length: 16 }, (_, i) => step - 15 + i),
        ),
        () => "key",
      );
    const { loss, stretch } = training.current!;
    expect(loss.length).toBeLessThan(400);
    expect(loss[0]).toEqual({ step: stretch, value: (stretch + 1) / 2 }); // mean of 1 … stretch
    expect(loss.map(({ step }) => step)).toEqual(loss.map((_, index) => (index + 1) * stretch));
    expect(loss.at(-1)!.step).toBeGreaterThan(96_000 - stretch);
  });

  it("resumes an interrupted training with its curve unchanged", () => {
    const losses = Array.from({ length: 500 }, (_, index) => 2 - index / 500);
    const whole = reports(begin, steps(500, losses), steps(516, Array(16).fill(1)));
    const resumed = reports({ ...begin, earlier: { losses, observations: [] } }, steps(516, Array(16).fill(1)));
    expect(resumed.current!.loss).toEqual(whole.current!.loss);
    expect(fractionDone(resumed, 1)).toBe(fractionDone(whole, 1));
  });

  it("says what it recovered from, where it went on, and whether the result is the same", () => {
    const backend = (name: "webgpu" | "wasm"): TrainerMessage => ({
      kind: "backend",
      backend: { name, adapter: "", threads: 1, reason: "", rejected: [] },
    });
    const lost: TrainerMessage[] = [
      backend("webgpu"),
      begin,
      steps(500, [1]),
      { kind: "recovering", reason: "the device was lost." },
      { kind: "recovering", reason: "and then something else" },
    ];
    expect(isRunning(reports(...lost))).toBe(true);
    const again = { ...begin, earlier: { losses: Array(480).fill(1), observations: [] } };
    expect(reports(...lost, backend("webgpu"), again, steps(496, [1])).notice).toBe(
      "The device was lost. Training went on from step 480; the result is the same.",
    );
    expect(reports(...lost, backend("wasm"), begin).notice).toBe(
      "The device was lost. Training went on from step 0 on WASM, because WebGPU could not be had again; " +
        "the result may differ in its last digits.",
    );
  });

  it("never goes backwards over two variants, and ends at 1", () => {
    const stages: TrainerMessage[] = [
      begin,
      steps(500, [1]),
      steps(1000, [1]),
      { kind: "scoring", fraction: 0.5 },
      { kind: "scoring", fraction: 1 },
      finished("bn"),
      { ...begin, variant: "bn-bfn" },
      steps(500, [1]),
      { kind: "scoring", fraction: 1 },
      finished("bn-bfn"),
      { kind: "ended", stopped: false },
    ];
    const fractions = stages.map((_, index) => fractionDone(reports(...stages.slice(0, index + 1)), 2));
    expect(fractions).toEqual([...fractions].sort((a, b) => a - b));
    expect(fractions.at(-1)).toBe(1);
    expect(fractions[5]).toBe(0.5);
  });

  it("includes the time of variants still to be trained", () => {
    const half = reports(begin, steps(500, [1]));
    expect(secondsLeft(half, 1)).toBe(50);
    expect(secondsLeft(half, 2)).toBe(150);
    expect(secondsLeft(reports(begin), 2)).toBeNull();
  });

  it("preserves finished runs when it stops or fails, and draws one key per run", () => {
    let drawn = 0;
    const training = [
      begin,
      finished("bn"),
      { ...begin, variant: "bn-bfn" } as TrainerMessage,
      { kind: "failed", failure: { title: "Training diverged", detail: "" } } as TrainerMessage,
    ].reduce<Training>((before, report) => advance(before, report, () => `key-${drawn++}`), idle);
    expect(training.finished.map(({ idempotencyKey }) => idempotencyKey)).toEqual(["key-0"]);
    expect(training.phase).toBe("failed");
    expect(isRunning(training)).toBe(false);
    expect(reports(begin, finished("bn"), { kind: "ended", stopped: true })).toMatchObject({
      phase: "stopped",
      finished: [{ idempotencyKey: "key" }],
    });
  });
});
