/**
 * The Chromium that the tests use: Debian's where it is installed, else the one
 * Playwright keeps.
 */
import { existsSync } from "node:fs";
import { dirname } from "node:path";

const debian = { program: "/usr/bin/chromium", folder: "/usr/lib/chromium" };

/** Gives the program to start and the folder its libraries are in; undefined where there is none. */
export async function findChromium(): Promise<{ program: string; folder: string } | undefined> {
  if (existsSync(debian.program)) return debian;
  const program = (await import("@playwright/test")).chromium.executablePath();
  return existsSync(program) ? { program, folder: dirname(program) } : undefined;
}

/** Flags for WebGPU on SwiftShader in pages and workers, and for a browser that calls nobody. */
export const chromiumFlags = [
  "--no-sandbox",
  "--enable-unsafe-webgpu",
  "--use-webgpu-adapter=swiftshader",
  "--enable-features=Vulkan",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--no-first-run",
  "--disable-quic",
];
