/**
 * The site as a visitor meets it: the production build, on a port and with a data
 * folder of its own, in Chromium with WebGPU on a software adapter.
 */
import { rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { defineConfig } from "@playwright/test";
import { chromiumFlags, findChromium } from "../support/chromium";

const root = fileURLToPath(new URL("../..", import.meta.url));
const results = join(root, "test-results");
const dataFolder = join(results, "data");
const port = Number(process.env["DMBENCH_E2E_PORT"] ?? 3117);
const address = `http://localhost:${port}`;

// Every worker loads this file too; the folder is emptied once, before the site starts.
if (process.env["TEST_WORKER_INDEX"] === undefined) rmSync(dataFolder, { recursive: true, force: true });

export default defineConfig({
  testDir: ".",
  testMatch: "**/*.spec.ts",
  outputDir: join(results, "output"),
  timeout: 120_000, // generous, for a busy machine with two cores
  workers: 2,
  forbidOnly: process.env["CI"] === "true",
  use: {
    baseURL: address,
    contextOptions: { reducedMotion: "reduce" }, // colours are checked as they stay, not on their way
    trace: "retain-on-failure",
    launchOptions: { executablePath: (await findChromium())?.program, args: chromiumFlags },
  },
  projects: [
    { name: "desktop", use: { viewport: { width: 1280, height: 800 }, colorScheme: "light" } },
    // The narrowest phone, in the dark: for tests of every page.
    { name: "phone", grep: /@pages/, use: { viewport: { width: 360, height: 740 }, colorScheme: "dark" } },
  ],
  webServer: {
    command: "npm start",
    cwd: root,
    url: address,
    env: { PORT: String(port), DMBENCH_DATA_DIR: dataFolder, NEXTAUTH_URL: address },
    stdout: "pipe",
    timeout: 240_000, // it builds the site where no build is there
  },
});
