/**
 * Checks who imports whom (dependency-cruiser.cjs): `tsx tests/architecture/boundaries.ts`.
 * dependency-cruiser reads TypeScript through the compiler API that TypeScript 7 no longer
 * has, so it is given TypeScript 6 as its own copy.
 */
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, symlinkSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../..", import.meta.url));
const require = createRequire(import.meta.url);
const cruiser = join(root, "node_modules/dependency-cruiser");
const typescript6 = dirname(require.resolve("@typescript/typescript6/package.json"));

/** Applies the rules to the project in `folder`; the report names each broken rule and where. */
export function checkBoundaries(folder: string): { ok: boolean; report: string } {
  const typescriptCopy = join(cruiser, "node_modules/typescript");
  if (!existsSync(typescriptCopy)) {
    mkdirSync(join(cruiser, "node_modules"), { recursive: true });
    symlinkSync(typescript6, typescriptCopy);
  }
  const rooms = ["app", "lib", "prisma", "tests"].filter((room) => existsSync(join(folder, room)));
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [
      join(cruiser, "bin/dependency-cruise.mjs"),
      "--config",
      join(root, "tests/architecture/dependency-cruiser.cjs"),
      "--output-type",
      "err-long",
      ...rooms,
    ],
    { cwd: folder, encoding: "utf8" },
  );
  return { ok: status === 0, report: stdout + stderr };
}

if (resolve(process.argv[1] ?? "") === fileURLToPath(import.meta.url)) {
  const { ok, report } = checkBoundaries(root);
  console.log(report.trim());
  process.exitCode = ok ? 0 : 1;
}
