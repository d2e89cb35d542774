/**
 * The site as a visitor sees it: the production build, with its own port and data folder, in Chromium with WebGPU on a
 * software adapter.
 */
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { defineConfig } from "@playwright/test";
import { chromiumFlags, findChromium } from "../support/chromium";
import { testSettings } from "../support/site";
import { placeOf, results } from "./places";

const { port, dataFolder } = placeOf("shared");
const address = `http://localhost:${port}`;

const chromium = await findChromium();

export default defineConfig({
  testDir: ".",
  testMatch: "**/*.spec.ts",
  outputDir: join(results, "output"),
  timeout: 300_000, // generous, for a busy machine with two cores
  expect: { timeout: 120_000 }, // likewise: a page that asks the server twice may take longer than the usual 5 s
  workers: 2,
  forbidOnly: process.env.CI === "true",
  use: {
    baseURL: address,
    contextOptions: { reducedMotion: "reduce" }, // colours are checked at rest, not in transition
    trace: "retain-on-failure",
    launchOptions: { ...(chromium && { executablePath: chromium.program }), args: chromiumFlags },
  },
  projects: [
    { name: "desktop", use: { viewport: { width: 1280, height: 800 }, colorScheme: "light" } },
    // The narrowest phone, in the dark theme: for tests of every page.
    { name: "phone", grep: /@pages/, use: { viewport: { width: 360, height: 740 }, colorScheme: "dark" } },
  ],
  webServer: {
    command: process.env.DMBENCH_E2E_RECORDED ? "npm start" : "npm run -s test:e2e:record && npm start",
    cwd: fileURLToPath(new URL("../..", import.meta.url)),
    url: address,
    env: {
      PORT: String(port),
      DMBENCH_DATA_DIR: dataFolder,
      NEXTAUTH_URL: address,
      DMBENCH_DUMPS: "nightly",
      ...testSettings,
    },
    stdout: "pipe",
    timeout: 900_000, // it builds the site if there is no build
    gracefulShutdown: { signal: "SIGTERM", timeout: 10_000 },
  },
});
