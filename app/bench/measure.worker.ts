/** The worker that measures how fast this machine trains: backend by backend, network by network. */
import { wasmFiles } from "@/app/_components/wasm-files";
import { chooseBackend } from "@/lib/runtime";
import { measureTraining, OutOfMemory, selfTest } from "@/lib/training";
import type { BenchMessage, Job, Start } from "./protocol";
import { largerThanTooSlow } from "./protocol";

const send = (message: BenchMessage) => self.postMessage(message);
const now = () => performance.now();

self.addEventListener("message", ({ data }: MessageEvent<Start>) => void measureAll(data));

async function measureAll({ jobs, seconds, origin }: Start): Promise<void> {
  const waiting = [...jobs];
  let left = seconds;
  while (waiting.length > 0) {
    const { backend } = waiting[0]!;
    send({ kind: "starting", backend });
    const options = { probe: selfTest, now, fallback: false, ...wasmFiles(origin) };
    const chosen = await chooseBackend({ wanted: backend, ...options });
    const own = waiting.filter((job) => job.backend === backend);
    if (chosen.name !== backend) {
      send({ kind: "unavailable", backend, reason: chosen.rejected[0]?.reason ?? chosen.reason });
      waiting.splice(0, own.length);
    } else {
      const { adapter, threads, emulated, limits } = chosen;
      send({ kind: "started", backend, adapter, threads, software: emulated });
      let fault: string | null = null;
      chosen.onFault((reason) => {
        fault = reason;
      });
      /** Why the larger networks are not tried. */
      let givenUp: string | null = null;
      for (const job of own) {
        // A fair share of what is left: what one job doesn't use, the others get.
        const share = left / waiting.length;
        waiting.shift();
        if (givenUp !== null) {
          send({ kind: "skipped", job, reason: givenUp });
          continue;
        }
        const from = now();
        send({ kind: "begun", job, seconds: share, left });
        const outcome = await measured(job, share, limits, () => fault);
        send(outcome);
        givenUp = fault ?? (outcome.kind === "skipped" && outcome.tooSlow ? largerThanTooSlow : null);
        left = Math.max(seconds / (4 * jobs.length), left - (now() - from) / 1000);
      }
    }
  }
  send({ kind: "ended" });
}

/** What comes of one job; its rounds are reported on the way. */
async function measured(
  job: Job,
  seconds: number,
  limits: Parameters<typeof measureTraining>[1]["limits"],
  fault: () => string | null,
): Promise<BenchMessage> {
  try {
    for await (const event of measureTraining(job.network, { seconds, now, limits })) {
      if (fault() !== null) break;
      if (event.kind === "measured") return { kind: "measured", job, speed: event.speed };
      if (event.kind === "too-slow") return { kind: "skipped", job, reason: tooSlowWithin(seconds), tooSlow: true };
      const { fraction } = event;
      send({ kind: "round", job, imagesPerSecond: event.kind === "round" ? event.imagesPerSecond : null, fraction });
    }
    return { kind: "skipped", job, reason: fault() ?? "the measurement ended without a figure" };
  } catch (error) {
    const reason = fault() ?? (error instanceof Error ? error.message : String(error));
    return { kind: "skipped", job, reason: error instanceof OutOfMemory ? `not enough memory: ${reason}` : reason };
  }
}

const tooSlowWithin = (seconds: number): string =>
  `too slow to measure here: no round of steps within its ${seconds.toFixed(1)} s; choose a longer measurement`;
