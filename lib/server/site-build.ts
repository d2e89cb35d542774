/**
 * Builds the site: for `npm start`, and as a folder that runs without the installed packages, in containers for example.
 * Vercel makes functions of the build instead of that folder.
 */
import { cpSync, existsSync, readdirSync, rmSync } from "node:fs";
import path from "node:path";
import { once } from "./once";

export const nextCommand = "node_modules/next/dist/bin/next";

/**
 * What runs on its own: `node server.js` serves the site, `lib/server/dist/release.mjs` prepares its database,
 * `lib/server/dist/work.mjs` works on its queue.
 */
export const standaloneFolder = ".next/standalone";

const sources = [
  "app",
  "lib",
  "public",
  "prisma/schema.prisma",
  "prisma/migrations",
  "next.config.js",
  "proxy.ts",
  "instrumentation.ts",
  ".postcssrc.json",
  "tsconfig.json",
  "package.json",
  "package-lock.json",
];

/** What is read at run time and imported by no module. */
const files = [
  "public",
  ".next/static",
  "lib/server/dist",
  "prisma/schema.prisma",
  "prisma/migrations",
  "node_modules/@prisma/schema-engine-wasm",
];

/**
 * Builds it, unless it is built from these sources already.
 * @param run runs a program of Node to its end, and throws if it fails
 */
export const buildSite = (run: (command: readonly string[]) => Promise<void>): Promise<void> =>
  once("Building the site (a minute or two, the first time)", ".next/.made-from", sources, async () => {
    rmSync(standaloneFolder, { recursive: true, force: true });
    await run([nextCommand, "build"]);
    if (!existsSync(standaloneFolder)) return;
    for (const name of files) cpSync(name, path.join(standaloneFolder, name), { recursive: true });
    // Next copies the settings of this folder, which are not those of the instances.
    for (const name of readdirSync(standaloneFolder))
      if (name.startsWith(".env")) rmSync(path.join(standaloneFolder, name));
  });
