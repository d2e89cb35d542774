/** Backends in Node: WASM from the package's files, WebGPU by Dawn where npm `webgpu` is installed. */
import { env } from "@tensorflow/tfjs-core";
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { availableParallelism } from "node:os";
import { dirname } from "node:path";
import { type BackendChoice, chooseBackend } from "@/lib/runtime";
import { selfTest } from "@/lib/training";
import type { BackendWish } from "./backend-names";
import { Failure } from "./exit";

/**
 * Starts the backend that was asked for, or the fastest whose numbers are right.
 * @throws Failure where the one asked for can't be used: no run on another backend than the one named
 */
export async function startBackendInNode(wanted: BackendWish, now: () => number): Promise<BackendChoice> {
  env().set("PROD", true); // no advice to install tfjs-node
  const noGpu = wanted === "webgpu" || (wanted === "auto" && mayHaveGpu()) ? await provideWebGPU() : null;
  if (wanted === "webgpu" && noGpu) throw new Failure(`webgpu can't be used: ${noGpu}`);
  const wasmPaths = `${dirname(createRequire(import.meta.url).resolve("@tensorflow/tfjs-backend-wasm"))}/`;
  const choice = await chooseBackend({ wanted, probe: selfTest, now, wasmPaths, threads: availableParallelism() });
  if (wanted !== "auto" && choice.name !== wanted) throw new Failure(`${choice.reason}.`);
  return choice;
}

export const describeBackend = ({ name, adapter, reason }: Pick<BackendChoice, "name" | "adapter" | "reason">): string => `${name} (${adapter}): ${reason}`;

/** Whether looking for a GPU is worth the seconds and the driver's warnings that it costs where there is none. */
const mayHaveGpu = () => process.platform !== "linux" || process.env["VK_ICD_FILENAMES"] !== undefined || ["/dev/dri", "/dev/nvidia0"].some((device) => existsSync(device));

/** Puts `navigator.gpu` where a browser has it; returns why there is none. */
async function provideWebGPU(): Promise<string | null> {
  try {
    const { create, globals } = await import("webgpu");
    const gpu = create([]);
    if (!(await gpu.requestAdapter())) return "this machine offers no WebGPU adapter";
    Object.assign(globalThis, globals);
    Object.defineProperty(globalThis, "navigator", { value: { gpu, userAgent: `node ${process.versions.node}` }, configurable: true });
    return null;
  } catch (error) {
    return `the optional package "webgpu" is not installed or does not load (${(error as Error).message})`;
  }
}
