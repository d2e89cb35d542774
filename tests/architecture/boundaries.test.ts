/** Breaks each rule of dependency-cruiser.cjs once, in a small tree of files. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { checkBoundaries } from "./boundaries";

const folder = mkdtempSync(join(tmpdir(), "boundaries-"));
afterAll(() => rmSync(folder, { recursive: true }));

/** Rule → a file that breaks it, and what that file imports. */
const broken: [rule: string, file: string, imports: string][] = [
  ["room-charts", "lib/charts/a.ts", `export * from "@/lib/models/free";`],
  ["room-random", "lib/random/a.ts", `export * from "@/lib/models/free";`],
  ["room-dmbn", "lib/dmbn/a.ts", `export * from "@/lib/models/free";`],
  ["room-records", "lib/records/a.ts", `export * from "@/lib/models/free";`],
  ["room-datasets", "lib/datasets/a.ts", `export * from "../models/free";`],
  ["room-evaluation", "lib/evaluation/a.ts", `export type { Free } from "@/lib/models/free";`],
  ["room-runtime", "lib/runtime/a.ts", `export const free = () => import("@/lib/models/free");`],
  ["room-models", "lib/models/a.ts", `export * from "@/lib/evaluation/free";`],
  ["room-training", "lib/training/a.ts", `export * from "@/lib/runtime/free";`],
  ["room-leaderboard", "lib/leaderboard/a.ts", `export * from "@/lib/training";`],
  ["room-server", "lib/server/a.ts", `export * from "@/lib/cli/free";`],
  ["room-cli", "lib/cli/a.ts", `export * from "@/lib/server/free";`],
  ["front-door-dmbn", "lib/models/b.ts", `export * from "@/lib/dmbn/free";`],
  ["front-door-records", "lib/models/e.ts", `export * from "@/lib/records/free";`],
  ["front-door-training", "app/train/b.ts", `export * from "@/lib/training/free";`],
  ["front-door-leaderboard", "app/page.ts", `export * from "@/lib/leaderboard/free";`],
  ["records-types", "lib/records/b.ts", `export * from "@/lib/dmbn";`],
  ["api-apart-from-pages", "app/api/v1/route.ts", `export * from "@/app/log/free";`],
  ["pages-apart", "app/runs/[id]/page.ts", `export * from "@/app/log/free";`],
  [
    "components-apart-from-server",
    "app/_components/a.tsx",
    `import { free } from "@/lib/server/free";\nexport const A = () => <b>{free}</b>;`,
  ],
  ["frameworks-in-the-site", "lib/training/b.ts", `export * from "react";`],
  ["backends-in-runtime", "lib/models/c.ts", `export * from "@tensorflow/tfjs-backend-wasm";`],
  ["browser-rooms", "lib/evaluation/b.ts", `export * from "node:fs";`],
  ["nothing-imports-the-site", "lib/models/d.ts", `export * from "@/app/page";`],
  ["nothing-imports-tests", "app/b.ts", `export * from "@/tests/free";`],
  ["no-cycles", "app/c.ts", `export * from "./d";`],
  ["resolves", "app/e.ts", `export * from "@/lib/nowhere";`],
];

/** The imported files, and imports that are allowed. */
const allowed: [file: string, contents: string][] = [
  ...["cli", "dmbn", "evaluation", "leaderboard", "models", "records", "runtime", "server", "training"].map(
    (room): [string, string] => [`lib/${room}/free.ts`, `export const free = "${room}";\nexport type Free = string;`],
  ),
  ["lib/dmbn/index.ts", `export * from "./free";`],
  ["lib/dmbn/policy/index.ts", `export const policy = 1;`],
  ["lib/dmbn/kernels.ts", `export const kernel = 1;`],
  ["lib/records/index.ts", `export const recipe = 1;`],
  ["lib/records/c.ts", `export type { Free } from "@/lib/dmbn";`],
  ["lib/training/index.ts", `export * from "@/lib/models/free";`],
  ["lib/leaderboard/b.ts", `export * from "@/lib/records";\nexport * from "@/lib/dmbn/policy";`],
  ["lib/runtime/c.ts", `export * from "@/lib/dmbn/kernels";`],
  ["app/log/free.ts", `export const free = 1;`],
  ["app/log/b.ts", `export * from "./free";\nexport * from "@/app/api/free";`],
  ["app/api/free.ts", `export * from "@/app/_components/b";`],
  ["lib/runtime/b.ts", `export * from "@tensorflow/tfjs-backend-wasm";`],
  [
    "app/_components/b.tsx",
    `import type { Free } from "@/lib/server/free";\nexport const B = ({ free }: { free: Free }) => <b>{free}</b>;`,
  ],
  ["app/d.ts", `export * from "./c";`],
  ["tests/free.ts", `export * from "@/lib/dmbn/free";`],
  [
    "tsconfig.json",
    JSON.stringify({
      compilerOptions: { module: "esnext", moduleResolution: "bundler", jsx: "react-jsx", paths: { "@/*": ["./*"] } },
    }),
  ],
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

it("allows everything else", () => {
  const expected = broken.map(([rule, file]) => `${rule}: ${file}`);
  expect(
    errors.filter((error) => !expected.includes(error)),
    report,
  ).toEqual([]);
});
