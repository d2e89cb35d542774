/**
 * Vulkan without a GPU: SwiftShader, which comes with Chromium. Set in the environment
 * of the processes that run the tests, since a Vulkan loader reads it when it starts.
 */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { findChromium } from "./chromium";

/** Does nothing if the machine has a GPU or no Chromium, or if VK_ICD_FILENAMES is already set. */
export async function setup(): Promise<void> {
  const hasGpu = ["/dev/dri", "/dev/nvidia0"].some((device) => existsSync(device));
  if (hasGpu || process.env.VK_ICD_FILENAMES) return;
  const chromium = await findChromium();
  if (!chromium) return;
  process.env.VK_ICD_FILENAMES = join(chromium.folder, "vk_swiftshader_icd.json");
  // For libvulkan.so.1, which not every machine has installed.
  process.env.LD_LIBRARY_PATH = [chromium.folder, process.env.LD_LIBRARY_PATH].filter(Boolean).join(":");
}
