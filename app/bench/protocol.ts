/** Messages between the page and the worker that measures. Times are in seconds; everything is plain data. */
import type { MeasuredBackend, MeasuredNetwork } from "@/lib/records";
import type { Speed } from "@/lib/training";

/** One network on one backend. */
export interface Job {
  network: MeasuredNetwork;
  backend: MeasuredBackend;
}

/** Sent once; to stop, the page ends the worker. */
export interface Start {
  jobs: readonly Job[];
  /** For all jobs together; starting a backend comes on top. */
  seconds: number;
  origin: string;
}

export type BenchMessage =
  /** A backend is started and tested against the plain CPU. */
  | { kind: "starting"; backend: MeasuredBackend }
  | { kind: "started"; backend: MeasuredBackend; adapter: string; threads: number; software: boolean }
  /** None of its jobs can be measured. */
  | { kind: "unavailable"; backend: MeasuredBackend; reason: string }
  /** @property seconds the job's share of what is `left` for all that wait */
  | { kind: "begun"; job: Job; seconds: number; left: number }
  | { kind: "round"; job: Job; imagesPerSecond: number | null; fraction: number }
  | { kind: "measured"; job: Job; speed: Speed }
  /** @property tooSlow whether larger networks are too */
  | { kind: "skipped"; job: Job; reason: string; tooSlow?: boolean }
  | { kind: "ended" };

/** Why networks aren't tried: they take more operations than the one that was too slow. */
export const largerThanTooSlow = "not tried: a smaller network was too slow already";

/** Small networks first. On the CPU backend only the MLP finishes steps within seconds. */
export const allJobs: readonly Job[] = [
  { backend: "wasm", network: "mlp" },
  { backend: "wasm", network: "cnn" },
  { backend: "wasm", network: "resnet-50" },
  { backend: "webgpu", network: "mlp" },
  { backend: "webgpu", network: "cnn" },
  { backend: "webgpu", network: "resnet-50" },
  { backend: "cpu", network: "mlp" },
];
