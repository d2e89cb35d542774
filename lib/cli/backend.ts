/** The backend that a command runs on: what was asked for, or the fastest whose numbers are right. */

import { existsSync } from "node:fs";
import { availableParallelism } from "node:os";
import { env } from "@tensorflow/tfjs-core";
import type { BackendChoice } from "@/lib/runtime";
import { chooseBackend } from "@/lib/runtime";
import { nodeBackendOptions, provideWebGPU, startNodeBackend } from "@/lib/runtime/node";
import { selfTest } from "@/lib/training";
import type { BackendWish } from "./backend-names";
import { Failure } from "./exit";

/**
 * Starts a backend and leaves it in use.
 * @param threads for WASM; default: one a core
 * @param now milliseconds from any start
 * @throws Failure where the one asked for can't be used: no run on another backend than the one named
 */
export async function startBackendInNode(
  wanted: BackendWish,
  { now, threads = availableParallelism() }: { now: () => number; threads?: number },
): Promise<BackendChoice> {
  env().set("PROD", true); // no advice to install tfjs-node
  if (wanted === "webgpu" || (wanted === "auto" && mayHaveGpu()))
    await provideWebGPU().catch(unless(wanted === "auto"));
  if (wanted === "wasm" || wanted === "auto")
    await startNodeBackend("wasm", { threads }).catch(unless(wanted === "auto")); // once started, it is chosen as it is
  const choice = await chooseBackend({ wanted, fallback: false, probe: selfTest, now, ...nodeBackendOptions, threads });
  if (wanted !== "auto" && choice.name !== wanted) throw new Failure(`${choice.reason}.`);
  return choice;
}

/** Where a run was computed, as its record says it. */
export const placeOf = ({ name, adapter, reason, threads }: BackendChoice) => ({
  backend: { name, adapter: adapter.slice(0, 256), reason: reason.slice(0, 512), threads },
  platform: `node ${process.versions.node}`,
});

export const describeBackend = ({
  name,
  adapter,
  reason,
}: Pick<BackendChoice, "name" | "adapter" | "reason">): string => `${name} (${adapter}): ${reason}`;

/** Whether the user named a Vulkan driver. Read at the start: `provideWebGPU` may set the variable later. */
const driverNamed = process.env["VK_ICD_FILENAMES"] !== undefined;

/** Whether looking for a GPU is worth the seconds and the driver's warnings that it costs where there is none. */
const mayHaveGpu = () =>
  process.platform !== "linux" || driverNamed || ["/dev/dri", "/dev/nvidia0"].some((device) => existsSync(device));

/** Where any backend will do, one that can't be had is no failure: the choice says why. */
const unless = (forgiven: boolean) => (error: Error) => {
  if (!forgiven) throw new Failure(error.message);
};
