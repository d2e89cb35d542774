/** A measurement as the page sends it, for tests. */
import type { MeasuredSpeed, Measurement } from "@/lib/records";

export const aSpeed = (change: Partial<MeasuredSpeed> = {}): MeasuredSpeed => ({
  network: "mlp",
  backend: "wasm",
  adapter: null,
  software: false,
  threads: 4,
  imagesPerSecond: { median: 20_000, least: 19_000, most: 21_000 },
  rounds: 12,
  ...change,
});

export const aMeasurement = (change: Partial<Measurement> = {}): Measurement => ({
  version: "0.2.0",
  browser: "Chrome",
  browserVersion: 140,
  system: "Linux",
  cores: 4,
  speeds: [aSpeed()],
  ...change,
});

/** A speed whose least and most are close to its median. */
export const around = (median: number): MeasuredSpeed["imagesPerSecond"] => ({
  median,
  least: 0.9 * median,
  most: 1.1 * median,
});
