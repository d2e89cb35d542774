/** How fast a backend trains: rounds within a budget on a clock that is passed in, and the parts of a step. */
import { memory } from "@tensorflow/tfjs-core";
import { expect, it } from "vitest";
import { measuredNetworks } from "@/lib/records";
import type { MeasureEvent } from "@/lib/training";
import { measureTraining, OutOfMemory, operationsPerImage } from "@/lib/training";
import { measuredPlan } from "@/lib/training/measured-networks";
import { eachBackend } from "../support/backends";

const limits = { tensorBytes: Infinity, totalBytes: Infinity };

/** A clock that moves on by `tick` milliseconds each time it is read. */
function ticking(tick: number): () => number {
  let milliseconds = 0;
  return () => (milliseconds += tick);
}

async function eventsOf(seconds: number, tick: number): Promise<MeasureEvent[]> {
  const events: MeasureEvent[] = [];
  for await (const event of measureTraining("mlp", { seconds, now: ticking(tick), limits })) events.push(event);
  return events;
}

eachBackend(
  "a measurement",
  (backend) => {
    it("times rounds until its budget is used up, and orders what it found", async () => {
      const events = await eventsOf(4, 100);
      const rounds = events.flatMap((event) => (event.kind === "round" ? [event] : []));
      const last = events.at(-1)!;
      if (last.kind !== "measured") throw new Error(`ended with ${last.kind}`);
      expect(events[0]).toMatchObject({ kind: "ready" });
      expect(rounds.length).toBeGreaterThan(1);
      const rates = rounds.map(({ imagesPerSecond }) => imagesPerSecond).sort((a, b) => a - b);
      const { imagesPerSecond, rounds: counted, batchSize } = last.speed;
      expect(counted).toBe(rounds.length);
      expect(batchSize).toBe(64);
      expect([imagesPerSecond.least, imagesPerSecond.most]).toEqual([rates[0], rates.at(-1)]);
      expect(rates.filter((rate) => rate <= imagesPerSecond.median).length).toBeGreaterThanOrEqual(rates.length / 2);
      expect(rates.filter((rate) => rate >= imagesPerSecond.median).length).toBeGreaterThanOrEqual(rates.length / 2);
      const fractions = rounds.map(({ fraction }) => fraction);
      expect(fractions).toEqual([...fractions].sort((a, b) => a - b));
      expect(await eventsOf(4, 100)).toEqual(events); // the clock alone decides
    });

    it("replays a captured step, and takes it apart, where the backend can", async () => {
      const last = (await (backend === "cpu" ? eventsOf(4, 100) : eventsOf(1, 5))).at(-1)!;
      if (last.kind !== "measured") throw new Error(`ended with ${last.kind}`);
      const { parts, dispatches, fault } = last.speed;
      expect(fault).toBeNull();
      if (backend === "cpu") return expect([parts, dispatches]).toEqual([null, null]);
      expect(dispatches).toBeGreaterThan(10);
      expect(Object.keys(parts!)).toEqual(
        backend === "wasm" ? ["products", "norms", "loss", "optimizer", "rest"] : ["encoding", "waiting"],
      );
      for (const seconds of Object.values(parts!)) expect(seconds).toBeGreaterThan(0);
    });

    if (backend === "wasm")
      it("puts more steps into a round where they are short", async () => {
        const rates = (await eventsOf(1, 5)).flatMap((event) =>
          event.kind === "round" ? [event.imagesPerSecond] : [],
        );
        expect(Math.max(...rates)).toBeGreaterThan(10 * Math.min(...rates)); // reading the clock costs the same
      });

    it("gives up where its budget is used up before a round, and says so", async () => {
      expect(await eventsOf(1, 1000)).toEqual([{ kind: "too-slow", seconds: expect.any(Number) }]);
    });

    it("stops between rounds, and frees its memory", async () => {
      const before = memory().numTensors;
      let rounds = 0;
      for await (const { kind } of measureTraining("mlp", { seconds: 10, now: ticking(100), limits })) {
        if (kind === "round") rounds++;
        if (rounds === 3) break;
      }
      expect(rounds).toBe(3);
      expect(memory().numTensors).toBe(before);
    });

    it("asks for the memory first", async () => {
      const tight = { tensorBytes: Infinity, totalBytes: 2 ** 20 };
      const measuring = measureTraining("cnn", { seconds: 1, now: ticking(1), limits: tight });
      await expect(measuring.next()).rejects.toThrow(OutOfMemory);
    });
  },
  ["cpu", "wasm"],
);

it("trains every network on an epoch of noise that is always the same, at a rate of 0", () => {
  for (const network of measuredNetworks) {
    const [plan, again] = [measuredPlan(network), measuredPlan(network)];
    expect(plan.shape).toMatchObject({ steps: 128, stepsPerEpoch: 128, learningRate: 0 });
    const { images } = plan.dataset.train;
    expect(Buffer.compare(images, again.dataset.train.images)).toBe(0);
    const mean = images.reduce((sum, pixel) => sum + pixel, 0) / images.length;
    expect(Math.abs(mean - 127.5)).toBeLessThan(1);
  }
});

it("counts the operations of a network by hand", () => {
  // 28·28·256 + 256·128 + 128·10 weights, each multiplied and added once forward and twice backward.
  const plan = measuredPlan("mlp");
  const kernels = plan.graph.nodes.flatMap(({ parameters }) => parameters).filter(({ shape }) => shape.length === 2);
  const weights = kernels.reduce((sum, { shape: [rows, columns] }) => sum + rows! * columns!, 0);
  expect(operationsPerImage("mlp")).toBe(6 * weights);
  // CNN on 32×32×3: 3×3 kernels at every position, two poolings, 8·8·64 into 10.
  const multiplications = 32 * 32 * 9 * (3 * 32 + 32 * 32) + 16 * 16 * 9 * (32 * 64 + 64 * 64) + 8 * 8 * 64 * 10;
  expect(operationsPerImage("cnn")).toBe(6 * multiplications);
});
