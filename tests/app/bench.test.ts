/** The page that measures: what it makes of its worker's messages, and what it says a machine is. */
import { expect, it } from "vitest";
import { adapterName, machineOf } from "@/app/bench/device";
import { advance, begin, fractionDone, giveUp, measurementOf, stop } from "@/app/bench/progress";
import type { BenchMessage } from "@/app/bench/protocol";
import { allJobs } from "@/app/bench/protocol";
import { measurementSchema } from "@/lib/records";
import type { Speed } from "@/lib/training";

const speed: Speed = {
  imagesPerSecond: { median: 2, least: 1, most: 3 },
  rounds: 3,
  batchSize: 64,
  parts: null,
  dispatches: 40,
  fault: null,
};
const [mlp, cnn] = allJobs as [(typeof allJobs)[number], (typeof allJobs)[number]];
const started: BenchMessage[] = [
  { kind: "starting", backend: "wasm" },
  { kind: "started", backend: "wasm", adapter: "SIMD on, 4 threads", threads: 4, software: false },
];
const after = (messages: readonly BenchMessage[]) => messages.reduce(advance, begin(allJobs));
const machine = machineOf("Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/140.0.0.0 Safari/537.36", 4);

it("adds up what is done, and makes a measurement that the server takes of what was measured", () => {
  const begun = after([...started, { kind: "begun", job: mlp, seconds: 4, left: 28 }]);
  expect(fractionDone(begun, allJobs.length)).toBe(0);
  const half = advance(begun, { kind: "round", job: mlp, imagesPerSecond: 5, fraction: 0.5 });
  expect(fractionDone(half, allJobs.length)).toBeCloseTo(0.5 / allJobs.length);
  expect(measurementOf(half, machine)).toBeNull();
  const one = advance(half, { kind: "measured", job: mlp, speed });
  const two = advance(one, { kind: "skipped", job: cnn, reason: "too slow" });
  expect(fractionDone(two, allJobs.length)).toBeCloseTo(2 / allJobs.length);
  const measurement = measurementOf(two, machine)!;
  expect(measurement.speeds).toMatchObject([{ network: "mlp", backend: "wasm", adapter: null, threads: 4, rounds: 3 }]);
  expect(measurementSchema.parse(measurement)).toEqual(measurement);
});

it("goes on without a backend that can't be used, and says why", () => {
  const without = after([
    { kind: "starting", backend: "wasm" },
    { kind: "unavailable", backend: "wasm", reason: "no SIMD" },
  ]);
  expect(without.waiting.every(({ backend }) => backend !== "wasm")).toBe(true);
  expect(without.backends.wasm).toEqual({ unavailable: "no SIMD" });
  expect(without.phase).toBe("running");
});

it("gives up a job whose worker hangs, and a backend that hangs while it starts; the rest waits", () => {
  const hung = giveUp(after([...started, { kind: "begun", job: mlp, seconds: 4, left: 28 }]), "too slow");
  expect(hung.outcomes[0]).toEqual({ job: mlp, skipped: "too slow" });
  expect(hung.outcomes.every((outcome) => "skipped" in outcome && outcome.job.backend === "wasm")).toBe(true);
  expect(hung.waiting).toEqual(allJobs.filter(({ backend }) => backend !== "wasm"));
  const starting = giveUp(after([{ kind: "starting", backend: "wasm" }]), "no answer");
  expect(starting.backends.wasm).toEqual({ unavailable: "no answer" });
  // However often, it comes to an end.
  let progress = begin(allJobs);
  for (let round = 0; progress.waiting.length > 0; round++) {
    expect(round).toBeLessThan(allJobs.length);
    progress = giveUp(progress, "crashed");
  }
});

it("keeps what was measured before it was stopped", () => {
  const stopped = stop(after([...started, { kind: "measured", job: mlp, speed }]));
  expect(stopped).toMatchObject({ phase: "ended", stopped: true, waiting: [] });
  expect(measurementOf(stopped, machine)!.speeds).toHaveLength(1);
});

it.each([
  ["Chrome", 140, "Linux", "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/140.0.0.0 Safari/537.36"],
  ["Edge", 139, "Windows", "Mozilla/5.0 (Windows NT 10.0; Win64) Chrome/139.0.0.0 Safari/537.36 Edg/139.0.0.0"],
  ["Firefox", 142, "macOS", "Mozilla/5.0 (Macintosh; Intel Mac OS X 10.15; rv:142.0) Gecko/20100101 Firefox/142.0"],
  [
    "Safari",
    18,
    "iOS",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) Version/18.5 Mobile/15E148 Safari/604.1",
  ],
  ["Safari", 18, "macOS", "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) Version/18.5 Safari/605.1.15"],
  [
    "Samsung Internet",
    28,
    "Android",
    "Mozilla/5.0 (Linux; Android 15) SamsungBrowser/28.0 Chrome/130.0.0.0 Safari/537.36",
  ],
  ["another browser", null, "another system", "Something else"],
])("knows %s %s on %s by its own words", (browser, browserVersion, system, userAgent) => {
  expect(machineOf(userAgent, 8)).toEqual({ browser, browserVersion, system, cores: 8 });
});

it("makes plain what a driver calls a GPU", () => {
  expect(adapterName('nvidia ampere "GeForce RTX™ 3060" <b>')).toBe("nvidia ampere GeForce RTX™ 3060 b");
  expect(adapterName("\u0000")).toBe("unnamed adapter");
});
