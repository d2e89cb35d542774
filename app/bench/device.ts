/** What kind of machine this is, as far as a browser says: names and a major version, nothing that tells machines apart. */
import type { Measurement } from "@/lib/records";
import { plainName } from "@/lib/records";

export type Machine = Pick<Measurement, "browser" | "browserVersion" | "system" | "cores">;

/** Those that name others come before them: every Edge calls itself Chrome too, every Chrome Safari. */
const browsers: readonly [name: string, version: RegExp][] = [
  ["Edge", /\bEdgA?(?:iOS)?\/(\d+)/],
  ["Opera", /\bOPR\/(\d+)/],
  ["Samsung Internet", /\bSamsungBrowser\/(\d+)/],
  ["Firefox", /\b(?:Firefox|FxiOS)\/(\d+)/],
  ["Chrome", /\b(?:Chrome|HeadlessChrome|CriOS)\/(\d+)/],
  ["Safari", /\bVersion\/(\d+).*Safari\//],
];

const systems: readonly [name: string, pattern: RegExp][] = [
  ["Windows", /\bWindows\b/],
  ["Android", /\bAndroid\b/],
  ["iOS", /\b(?:iPhone|iPad|iPod)\b/],
  ["ChromeOS", /\bCrOS\b/],
  ["macOS", /\bMacintosh\b/],
  ["Linux", /\bLinux\b/],
];

/** @param cores `navigator.hardwareConcurrency` of the page, not of a worker, where threads change it */
export function machineOf(userAgent: string, cores: number): Machine {
  const browser = browsers.find(([, pattern]) => pattern.test(userAgent));
  const version = browser?.[1].exec(userAgent)?.[1];
  return {
    browser: browser?.[0] ?? "another browser",
    browserVersion: version === undefined ? null : Number(version),
    system: systems.find(([, pattern]) => pattern.test(userAgent))?.[0] ?? "another system",
    cores: Math.max(1, Math.min(4096, Math.round(cores) || 1)),
  };
}

/** The GPU's name, as the table has it. */
export const adapterName = (adapter: string): string => plainName(adapter, 128) || "unnamed adapter";
