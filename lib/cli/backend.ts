/** The backend that a command runs on: the one named, or the fastest that passes the self-test. */

import { existsSync } from "node:fs";
import { availableParallelism } from "node:os";
import { env } from "@tensorflow/tfjs-core";
import { repairText } from "@/lib/records";
import type { BackendChoice } from "@/lib/runtime";
import { chooseBackend } from "@/lib/runtime";
import { provideWebGPU } from "@/lib/runtime/dawn";
import { installedWasm, startNodeBackend } from "@/lib/runtime/node";
import { selfTest } from "@/lib/training";
import type { BackendWish } from "./backend-names";
import { Failure } from "./exit";

/**
 * Starts a backend and leaves it in use.
 * @param threads for WASM; default: one per core
 * @param now a clock in milliseconds
 * @throws Failure where the backend named can't be used: a run never falls back to another
 */
export async function startBackendInNode(
  wanted: BackendWish,
  { now, threads = availableParallelism() }: { now: () => number; threads?: number | undefined },
): Promise<BackendChoice> {
  env().set("PROD", true); // no advice to install tfjs-node
  if (wanted === "webgpu" || (wanted === "auto" && mayHaveGpu()))
    await provideWebGPU().catch(unless(wanted === "auto"));
  if (wanted === "wasm" || wanted === "auto")
    await startNodeBackend("wasm", { threads }).catch(unless(wanted === "auto")); // used by chooseBackend as it is
  const choice = await chooseBackend({
    wanted,
    fallback: false,
    probe: selfTest,
    now,
    wasmPaths: installedWasm(),
    threads,
  });
  if (wanted !== "auto" && choice.name !== wanted) throw new Failure(`${choice.reason}.`);
  return choice;
}

/** Where a run was computed, in a run record's form. */
export const placeOf = ({ name, adapter, reason, threads }: BackendChoice) => ({
  backend: { name, adapter: repairText(adapter, 256), reason: repairText(reason, 512), threads },
  platform: `node ${process.versions.node}`,
});

export const describeBackend = ({
  name,
  adapter,
  reason,
}: Pick<BackendChoice, "name" | "adapter" | "reason">): string => `${name} (${adapter}): ${reason}`;

/** Whether the user named a Vulkan driver. Read at the start: `provideWebGPU` may set the variable later. */
const driverNamed = process.env.VK_ICD_FILENAMES !== undefined;

/** Whether to look for a GPU. Where there is none, looking costs seconds and prints the driver's warnings. */
const mayHaveGpu = () =>
  process.platform !== "linux" || driverNamed || ["/dev/dri", "/dev/nvidia0"].some((device) => existsSync(device));

/** Handles a backend that doesn't start: a failure, unless any backend will do. The choice then says why. */
const unless = (anyBackend: boolean) => (error: Error) => {
  if (!anyBackend) throw new Failure(error.message);
};
