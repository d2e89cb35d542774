/** Each rule of dependency-cruiser.cjs, broken once in a small tree of its own. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { checkBoundaries } from "./boundaries";

const folder = mkdtempSync(join(tmpdir(), "boundaries-"));
afterAll(() => rmSync(folder, { recursive: true }));

/** Rule → a file that breaks it, and what that file imports. */
const broken: [rule: string, file: string, imports: string][] = [
  ["room-dmbn", "lib/dmbn/a.ts", `export * from "@/lib/models/free";`],
  ["room-datasets", "lib/datasets/a.ts", `export * from "../models/free";`],
  ["room-evaluation", "lib/evaluation/a.ts", `export type { Free } from "@/lib/models/free";`],
  ["room-runtime", "lib/runtime/a.ts", `export const free = () => import("@/lib/models/free");`],
  ["room-models", "lib/models/a.ts", `export * from "@/lib/evaluation/free";`],
  ["room-training", "lib/training/a.ts", `export * from "@/lib/runtime/free";`],
  ["room-leaderboard", "lib/leaderboard/a.ts", `export * from "@/lib/training/step";`],
  ["room-server", "lib/server/a.ts", `export * from "@/lib/cli/free";`],
  ["room-cli", "lib/cli/a.ts", `export * from "@/lib/server/free";`],
  ["front-door-dmbn", "lib/models/b.ts", `export * from "@/lib/dmbn/free";`],
  ["front-door-leaderboard", "app/page.ts", `export * from "@/lib/leaderboard/free";`],
  ["components-apart-from-server", "app/_components/a.tsx", `import { free } from "@/lib/server/free";\nexport const A = () => <b>{free}</b>;`],
  ["frameworks-in-the-site", "lib/training/b.ts", `export * from "react";`],
  ["backends-in-runtime", "lib/models/c.ts", `export * from "@tensorflow/tfjs-backend-wasm";`],
  ["browser-rooms", "lib/evaluation/b.ts", `export * from "node:fs";`],
  ["nothing-imports-the-site", "lib/models/d.ts", `export * from "@/app/page";`],
  ["nothing-imports-tests", "app/b.ts", `export * from "@/tests/free";`],
  ["no-cycles", "app/c.ts", `export * from "./d";`],
  ["resolves", "app/e.ts", `export * from "@/lib/nowhere";`],
];

/** What the files above import, and imports that are allowed. */
const allowed: [file: string, contents: string][] = [
  ...["cli", "dmbn", "evaluation", "leaderboard", "models", "runtime", "server"].map((room): [string, string] => [
    `lib/${room}/free.ts`,
    `export const free = "${room}";\nexport type Free = string;`,
  ]),
  ["lib/training/step.ts", `export * from "@/lib/models/free";`],
  ["lib/training/recipe.ts", `export const recipe = 1;`],
  ["lib/leaderboard/b.ts", `export * from "@/lib/training/recipe";`],
  ["lib/runtime/b.ts", `export * from "@tensorflow/tfjs-backend-wasm";`],
  ["app/_components/b.tsx", `import type { Free } from "@/lib/server/free";\nexport const B = ({ free }: { free: Free }) => <b>{free}</b>;`],
  ["app/d.ts", `export * from "./c";`],
  ["tests/free.ts", `export * from "@/lib/dmbn/free";`],
  ["tsconfig.json", `{ "compilerOptions": { "module": "esnext", "moduleResolution": "bundler", "jsx": "react-jsx", "paths": { "@/*": ["./*"] } } }`],
];

for (const [file, contents] of [...allowed, ...broken.map(([, file, imports]): [string, string] => [file, imports])]) {
  mkdirSync(dirname(join(folder, file)), { recursive: true });
  writeFileSync(join(folder, file), contents);
}
const { ok, report } = checkBoundaries(folder);
const errors = [...report.matchAll(/^\s*error (\S+): (\S+)/gm)].map(([, rule, file]) => `${rule}: ${file}`);

it.each(broken)("%s is refused in %s", (rule, file) => {
  expect(ok).toBe(false);
  expect(errors).toContain(`${rule}: ${file}`);
});

it("refuses nothing that is allowed", () => {
  const expected = broken.map(([rule, file]) => `${rule}: ${file}`);
  expect(errors.filter((error) => !expected.includes(error)), report).toEqual([]);
});
