/** Scoring in the site's own process, against a process of its own. */
import { readFile } from "node:fs/promises";
import { expect, it } from "vitest";
import { builtInPolicies, isPeriodic, schedule } from "@/lib/dmbn/policy";
import { benchmarks } from "@/lib/leaderboard";
import { sha256 } from "@/lib/server/artifacts";
import { scoreInline } from "@/lib/server/scoring/inline";
import { startScorer } from "@/lib/server/scoring/scorer";
import { ScoringError } from "@/lib/server/scoring/scoring-process";

const policies = builtInPolicies.filter(({ document }) => !isPeriodic(document)).map(({ document }) => document);
const files = await Promise.all(
  ["bn-0", "bn-bfn-1"].map((name) => readFile(`public/trajectories/digits-mlp-v1/${name}.safetensors`)),
);
const inline = () => startScorer({ cacheBytes: 2 ** 26 }, scoreInline);

it("gives the same bits, also to several who ask at once", async () => {
  const process = startScorer();
  const scored = (scorer: ReturnType<typeof inline>) =>
    Promise.all(files.map((file) => scorer.score({ hash: sha256(file), read: async () => file }, policies)));
  const expected = await scored(process);
  process.stop();
  const [one, other] = [inline(), inline()];
  expect(await Promise.all([scored(one), scored(other), scored(one)])).toEqual([expected, expected, expected]);
});

it("checks rules, and says what is wrong as a process does", async () => {
  const runs = [{ recipe: benchmarks[0]!.recipe, variant: "bn" as const }];
  expect(await inline().check(schedule(0.9), runs)).toBeNull();
  expect(await inline().check(schedule("step / 300"), runs)).toMatchObject({ run: 0, issue: { field: "momentum" } });
  const nothing = inline().score({ hash: "0", read: async () => new Uint8Array(9) }, [schedule(0.9)]);
  await expect(nothing).rejects.toThrow(ScoringError);
  expect(await inline().check(schedule(0.9), runs)).toBeNull();
});
