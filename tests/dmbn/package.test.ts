/**
 * lib/dmbn as a package: built, packed, and unpacked where npm would install it, with only the packages it depends on.
 */
import { execFile, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { gzipSync } from "node:zlib";
import { checkPackage, createPackageFromTarballData } from "@arethetypeswrong/core";
import { build } from "esbuild";
import { publint } from "publint";
import { formatMessage } from "publint/utils";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import * as core from "@/lib/dmbn";
import { apiReport, buildPackage } from "@/lib/dmbn/build";
import * as kernels from "@/lib/dmbn/kernels";
import manifest from "@/lib/dmbn/package.json";
import * as policy from "@/lib/dmbn/policy";
import * as policyExport from "@/lib/dmbn/policy/export";

const root = fileURLToPath(new URL("../..", import.meta.url));
const peers = Object.keys(manifest.peerDependencies);
const dependencies = Object.keys(manifest.dependencies);

const entries = [
  { name: "dmbn", source: core, needs: peers, kilobytes: 12 },
  { name: "dmbn/policy", source: policy, needs: dependencies, kilobytes: 40 },
  { name: "dmbn/policy/export", source: policyExport, needs: dependencies, kilobytes: 40 },
  { name: "dmbn/kernels", source: kernels, needs: peers, kilobytes: 1 },
];

let folder: string;
let tarball: Buffer;
let report: string;

beforeAll(() => {
  report = buildPackage();
  folder = mkdtempSync(join(tmpdir(), "dmbn-"));
  const packing = ["pack", join(root, "lib/dmbn"), "--ignore-scripts", "--pack-destination", folder];
  spawnSync("npm", packing, { encoding: "utf8" });
  tarball = readFileSync(join(folder, `dmbn-${manifest.version}.tgz`));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** A folder with the unpacked package in node_modules, and links to the local installations of `needs`. */
function installed(...needs: readonly string[]): string {
  const home = mkdtempSync(join(folder, "home-"));
  for (const name of needs) {
    const link = join(home, "node_modules", name);
    mkdirSync(dirname(link), { recursive: true });
    symlinkSync(join(root, "node_modules", name), link);
  }
  const unpacked = join(home, "node_modules/dmbn");
  mkdirSync(unpacked, { recursive: true });
  spawnSync("tar", ["-xzf", join(folder, `dmbn-${manifest.version}.tgz`), "--strip-components=1", "-C", unpacked]);
  return home;
}

/** The output of an ES module that Node runs in `home`. */
async function run(home: string, program: string): Promise<string> {
  writeFileSync(join(home, "program.mjs"), program);
  return (await promisify(execFile)(process.execPath, ["program.mjs"], { cwd: home })).stdout;
}

describe("the package dmbn", () => {
  it.each(entries)("exports $name in Node, with only $needs installed", async ({ name, source, needs }) => {
    const names = await run(
      installed(...needs),
      `import * as entry from "${name}"; console.log(JSON.stringify(Object.keys(entry)));`,
    );
    expect(JSON.parse(names)).toEqual(Object.keys(source).sort());
  });

  it.each(entries)("adds at most $kilobytes kB to a bundle for $name, gzipped", async ({ name, needs, kilobytes }) => {
    const { outputFiles } = await build({
      stdin: { contents: `export * from "${name}"`, resolveDir: installed(...needs) },
      bundle: true,
      minify: true,
      format: "esm",
      external: peers,
      write: false,
    });
    expect(gzipSync(outputFiles[0]!.contents).length).toBeLessThanOrEqual(kilobytes * 1000);
  });

  it("contains the modules and their declarations, the README and the license", () => {
    const files = readdirSync(join(installed(), "node_modules/dmbn"), { recursive: true, encoding: "utf8" });
    expect(files).toEqual(expect.arrayContaining(["package.json", "README.md", "dist/LICENSE"]));
    expect(files.filter((file) => !/^(dist|dist\/.*\.(js|d\.ts)|dist\/policy(\/export)?)$/.test(file)).sort()).toEqual([
      "README.md",
      "dist/LICENSE",
      "package.json",
    ]);
  });

  it("runs the program of its README", async () => {
    const [, program] = /```js\n(.*?)```/s.exec(readFileSync(join(root, "lib/dmbn/README.md"), "utf8")) ?? [];
    const printed = await run(installed("@tensorflow/tfjs", ...peers, ...dependencies), program!);
    expect(printed.match(/^(schedule|select|recalibrate) \[.*\] \d.*$/gm), printed).toHaveLength(4);
  });

  it("passes publint", async () => {
    const { messages } = await publint({ pack: { tarball: new Uint8Array(tarball).buffer }, strict: true });
    expect(messages.map((message) => formatMessage(message, manifest))).toEqual([]);
  });

  it("has correct types for bundlers and for Node's import (are the types wrong?)", async () => {
    const analysis = await checkPackage(createPackageFromTarballData(new Uint8Array(tarball)));
    expect(analysis).toMatchObject({ types: { kind: "included" } });
    const problems = "problems" in analysis ? analysis.problems : [];
    // It is an ES module: resolution without `exports` and require() are not supported.
    const supported = problems.filter(
      (problem) => !("resolutionKind" in problem && ["node10", "node16-cjs"].includes(problem.resolutionKind)),
    );
    expect(supported).toEqual([]);
  });

  it("has the API in lib/dmbn/api.md: after a change run `npm run build:dmbn`", () => {
    expect(report).toBe(readFileSync(apiReport, "utf8"));
  });
});
