/** Measured speeds by class of device: a row of the table, its order, and a machine's own class in it. */
import type { MeasuredBackend, MeasuredNetwork, MeasuredSpeed, Measurement } from "@/lib/records";
import { measuredNetworks } from "@/lib/records";
import { csvOf } from "./export/csv";
import type { SpeedsView } from "./speeds-view";
import { firstSpeedsDirection } from "./speeds-view";

/** What makes two machines the same class: on WebGPU the adapter alone, else browser, system, cores and threads. */
export interface DeviceClass {
  backend: MeasuredBackend;
  adapter: string | null;
  /** Whether the GPU is emulated by the processor. */
  software: boolean;
  /** Null on WebGPU, like the next three. */
  browser: string | null;
  system: string | null;
  cores: number | null;
  threads: number | null;
}

/** One network on one class of device. */
export interface ClassSpeed extends DeviceClass {
  network: MeasuredNetwork;
  /** Images per second: the median of the measurements' medians. */
  median: number;
  /** First and third quartile of the measurements' medians; null for a single measurement. */
  low: number | null;
  high: number | null;
  /** Measurements, which may be several of one machine. */
  n: number;
  /** DMBench's, of the newest of them. */
  version: string;
}

/** The class that a measured speed belongs to. */
const classOf = (
  { browser, system, cores }: Pick<Measurement, "browser" | "system" | "cores">,
  { backend, adapter, software, threads }: MeasuredSpeed,
): DeviceClass =>
  backend === "webgpu"
    ? { backend, adapter, software, browser: null, system: null, cores: null, threads: null }
    : { backend, adapter, software, browser, system, cores, threads };

/** A class in words: `nvidia ampere`, or `Chrome, Linux, 8 cores, 8 threads`. */
export function deviceName({ adapter, software, browser, system, cores, threads }: DeviceClass): string {
  if (adapter !== null) return software ? `${adapter}, in software` : adapter;
  const parts = [browser, system, plural(cores ?? 1, "core"), plural(threads ?? 1, "thread")];
  return parts.join(", ");
}

const plural = (value: number, one: string): string => `${value} ${one}${value === 1 ? "" : "s"}`;

/** Identifies a class and a network. */
export const speedKey = (speed: DeviceClass & { network: MeasuredNetwork }): string =>
  JSON.stringify([speed.network, speed.backend, deviceName(speed)]);

/** The rows of a view in its order: by network, then as the view says. */
export function orderSpeeds<Row extends ClassSpeed>(
  rows: readonly Row[],
  { network, backend, sort, direction = firstSpeedsDirection(sort) }: Omit<SpeedsView, "rows" | "seconds">,
): Row[] {
  const sign = direction === "ascending" ? 1 : -1;
  const value = (a: Row, b: Row): number =>
    sort === "device" ? deviceName(a).localeCompare(deviceName(b), "en") : a[sort] - b[sort];
  return rows
    .filter((row) => network.length === 0 || network.includes(row.network))
    .filter((row) => backend.length === 0 || backend.includes(row.backend))
    .sort(
      (a, b) =>
        measuredNetworks.indexOf(a.network) - measuredNetworks.indexOf(b.network) ||
        sign * value(a, b) ||
        speedKey(a).localeCompare(speedKey(b), "en"),
    );
}

/** How one machine's speed compares with what is published. */
export interface Comparison {
  /** Of its own class; null if nobody published one. */
  own: ClassSpeed | null;
  /** Other classes with this network, and how many of them have a lower median. */
  classes: number;
  slower: number;
}

/** Compares a machine with the published medians; a class counts once, however often it was measured. */
export function compareSpeed(
  measured: Pick<Measurement, "browser" | "system" | "cores">,
  speed: MeasuredSpeed,
  rows: readonly ClassSpeed[],
): Comparison {
  const key = speedKey({ ...classOf(measured, speed), network: speed.network });
  const others = rows.filter((row) => row.network === speed.network && speedKey(row) !== key);
  return {
    own: rows.find((row) => speedKey(row) === key) ?? null,
    classes: others.length,
    slower: others.filter(({ median }) => median < speed.imagesPerSecond.median).length,
  };
}

/** The rows as CSV, figures in images per second. */
export const speedsCsv = (rows: readonly ClassSpeed[]): string =>
  csvOf([
    ["network", "backend", "adapter", "software", "browser", "system", "cores", "threads"].concat([
      "median",
      "quartile_1",
      "quartile_3",
      "measurements",
      "version",
    ]),
    ...rows.map((row) => [
      ...[row.network, row.backend, row.adapter, String(row.software), row.browser, row.system, row.cores, row.threads],
      ...[row.median, row.low, row.high, row.n, row.version],
    ]),
  ]);
