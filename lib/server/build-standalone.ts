/**
 * `npm run build:standalone`: the site as a folder that runs on its own, `.next/standalone`: `node server.js` serves it,
 * `lib/server/dist/release.mjs` prepares its database, `lib/server/dist/work.mjs` works on its queue.
 */
import { spawnSync } from "node:child_process";
import { cpSync } from "node:fs";
import path from "node:path";

const folder = ".next/standalone";

/** What is read at run time and no module imports. */
const also = [
  "public",
  ".next/static",
  "lib/server/dist",
  "prisma/schema.prisma",
  "prisma/migrations",
  "node_modules/@prisma/schema-engine-wasm",
];

const { status } = spawnSync(process.execPath, ["node_modules/next/dist/bin/next", "build"], {
  stdio: "inherit",
  env: { ...process.env, DMBENCH_STANDALONE: "true" },
});
if (status !== 0) process.exit(1);
for (const name of also) cpSync(name, path.join(folder, name), { recursive: true });
console.log(`\nThe site is in ${folder}.`);
