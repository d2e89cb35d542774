/** The Chromium that the tests use: Debian's if it is installed, else Playwright's. */
import { existsSync } from "node:fs";
import { dirname } from "node:path";

const debian = { program: "/usr/bin/chromium", folder: "/usr/lib/chromium" };

/** The program to start and the folder of its libraries; undefined if there is none. */
export async function findChromium(): Promise<{ program: string; folder: string } | undefined> {
  if (existsSync(debian.program)) return debian;
  const program = (await import("@playwright/test")).chromium.executablePath();
  return existsSync(program) ? { program, folder: dirname(program) } : undefined;
}

/** Flags for WebGPU on SwiftShader in pages and workers, and to stop the browser's own network requests. */
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
