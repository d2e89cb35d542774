/** WebGPU in Node: Dawn, of the optional package `webgpu`. */
import { existsSync } from "node:fs";

/** Debian's Chromium ships a software Vulkan driver, for machines without a GPU. */
const softwareDriver = "/usr/lib/chromium/vk_swiftshader_icd.json";

/**
 * Provides `navigator.gpu` as in a browser.
 * @throws Error with a remedy
 */
export async function provideWebGPU(): Promise<void> {
  if ((globalThis.navigator as Navigator | undefined)?.gpu) return;
  if (
    !process.env.VK_ICD_FILENAMES &&
    !existsSync("/dev/dri") &&
    !existsSync("/dev/nvidia0") &&
    existsSync(softwareDriver)
  )
    process.env.VK_ICD_FILENAMES = softwareDriver;
  const dawn = await import("webgpu").catch((error: Error) => {
    throw new Error(`no WebGPU in Node: run \`npm ci\` with optional dependencies (${error.message})`);
  });
  Object.assign(globalThis, dawn.globals);
  Object.defineProperty(globalThis, "navigator", {
    value: { gpu: dawn.create([]), userAgent: `node ${process.version}` },
    configurable: true,
  });
}
