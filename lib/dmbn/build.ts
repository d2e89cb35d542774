/**
 * Builds the package in dist/ and writes its API report: `npm run build:dmbn`.
 * TypeScript emits one module per source file, so that a bundler includes only what is used.
 */
import { spawnSync } from "node:child_process";
import { copyFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import type { ExtractorMessage } from "@microsoft/api-extractor";
import { CompilerState, Extractor, ExtractorConfig } from "@microsoft/api-extractor";
import manifest from "./package.json";

const folder = import.meta.dirname;
const dist = join(folder, "dist");
const root = join(folder, "../..");

/** The entry points of the package: the name to import, and its declaration file. */
const { "./package.json": _, ...exported } = manifest.exports;
const entries = Object.entries(exported).map(([subpath, { types }]) => ({ name: join(manifest.name, subpath), types }));

/** The checked-in API report. */
export const apiReport = join(folder, "api.md");

/**
 * Builds dist/ from the sources.
 * @returns the API report of the build
 */
export function buildPackage(): string {
  rmSync(dist, { recursive: true, force: true });
  const compiler = join(root, "node_modules/typescript/bin/tsc");
  const { status, stdout } = spawnSync(process.execPath, [compiler, "-p", folder], { encoding: "utf8" });
  if (status !== 0) throw new Error(stdout);
  for (const file of readdirSync(dist, { recursive: true, encoding: "utf8" }).map((path) => join(dist, path))) {
    if (statSync(file).isFile()) writeFileSync(file, withWholePaths(file));
  }
  copyFileSync(join(root, "LICENSE"), join(dist, "LICENSE"));
  return reportApi();
}

/** The text of a module with its relative imports as Node resolves them: "./trace.js", "./policy/index.js". */
function withWholePaths(file: string): string {
  return readFileSync(file, "utf8").replace(/(?<= from ")\.{1,2}\/[^"]+/g, (path) =>
    statSync(join(dirname(file), path), { throwIfNoEntry: false })?.isDirectory() ? `${path}/index.js` : `${path}.js`,
  );
}

/** API Extractor's reports: for each entry, every exported name with its signature. */
function reportApi(): string {
  const reportFolder = mkdtempSync(join(tmpdir(), "dmbn-api-"));
  try {
    const configs = entries.map(({ types }, index) =>
      ExtractorConfig.prepare({
        configObject: {
          projectFolder: folder,
          newlineKind: "lf",
          mainEntryPointFilePath: join(folder, types),
          compiler: { tsconfigFilePath: join(folder, "tsconfig.json") },
          apiReport: { enabled: true, reportFileName: String(index), reportFolder, reportTempFolder: reportFolder },
        },
        configObjectFullPath: undefined,
        packageJsonFullPath: join(folder, "package.json"),
      }),
    );
    const compilerState = CompilerState.create(configs[0]!, {
      additionalEntryPoints: entries.map(({ types }) => join(folder, types)),
    });
    const reports = configs.map((config, index) => {
      Extractor.invoke(config, { compilerState, localBuild: true, messageCallback: silence });
      const [, report = ""] =
        /```ts\s+(.*?)\s+\/\/ \(No @packageDoc/s.exec(readFileSync(config.reportFilePath, "utf8")) ?? [];
      return `## ${entries[index]!.name}\n\n\`\`\`ts\n${report}\n\`\`\`\n`;
    });
    return [`# The API of ${manifest.name}\n\nWritten by \`npm run build:dmbn\`.\n`, ...reports].join("\n");
  } finally {
    rmSync(reportFolder, { recursive: true });
  }
}

/** Prints nothing: a test compares the report with api.md. */
function silence(message: ExtractorMessage): void {
  message.handled = true;
}

if (resolve(process.argv[1] ?? "") === fileURLToPath(import.meta.url)) writeFileSync(apiReport, buildPackage());
