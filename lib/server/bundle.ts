/** Makes the programs beside the site; see `programs.ts`. */
import { copyFileSync, mkdirSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { build } from "esbuild";
import { once } from "./once";
import { programFolder } from "./programs";

/** What Node loads for one thread, with and without SIMD. */
const wasmFiles = ["tfjs-backend-wasm.wasm", "tfjs-backend-wasm-simd.wasm"];

const require = createRequire(import.meta.url);

/** Makes the programs unless they are made already from these sources. */
export const makePrograms = (): Promise<void> =>
  once(
    "Bundling the programs beside the site",
    path.join(programFolder, ".made-from"),
    ["lib", "prisma/schema.prisma", "package-lock.json"],
    () => bundle(programFolder),
    { node: "any" },
  );

/** @param folder is replaced */
async function bundle(folder: string): Promise<void> {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const installed = path.join(path.dirname(require.resolve("@tensorflow/tfjs-backend-wasm/package.json")), "dist");
  for (const file of wasmFiles) copyFileSync(path.join(installed, file), path.join(folder, file));
  await build({
    entryPoints: ["scoring/process", "scoring/computer", "work", "release"].map((name) => `lib/server/${name}.ts`),
    entryNames: "[name]",
    outdir: folder,
    outExtension: { ".js": ".mjs" },
    bundle: true,
    splitting: true,
    platform: "node",
    target: "node20",
    format: "esm",
    conditions: ["react-server"], // `server-only` is empty there
    mainFields: ["module", "main"], // all packages of TensorFlow.js share one core
    // The WASM backend's loader is written for CommonJS.
    banner: {
      js: `import { createRequire as commonJs } from "node:module";
const require = commonJs(import.meta.url), __dirname = import.meta.dirname, __filename = import.meta.filename;`,
    },
    external: ["webgpu", "@electric-sql/pglite", "pglite-prisma-adapter"], // not used here
    logLevel: "warning",
  });
}
