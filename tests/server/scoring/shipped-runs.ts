/** The runs that come with the site, a few of them, in a folder of a test's own. */
import { cpSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { referenceVariants } from "@/lib/leaderboard";

const from = "public/trajectories/digits-mlp-v1";

/** Copies the first public runs to `root`, and those after them as held-out ones: so nothing has to be trained. */
export function copyRuns(root: string, runs: { public: number; held_out: number }): void {
  const sums = readFileSync(join(from, "SHA256SUMS"), "utf8").trim().split("\n");
  for (const [place, first, count] of [
    ["digits-mlp-v1", 0, runs.public],
    ["digits-mlp-v1/held-out", runs.public, runs.held_out],
  ] as const) {
    const names = referenceVariants.flatMap((variant) =>
      Array.from({ length: count }, (_, index) => `${variant}-${first + index}.safetensors`),
    );
    mkdirSync(join(root, place), { recursive: true });
    for (const name of names) cpSync(join(from, name), join(root, place, name));
    const listed = sums.filter((line) => names.includes(line.split(/\s+/)[1]!));
    writeFileSync(join(root, place, "SHA256SUMS"), listed.map((line) => `${line}\n`).join(""));
  }
}
