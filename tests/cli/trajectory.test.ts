import { readdir, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, it } from "vitest";
import { decodeTrajectory } from "@/lib/records/trajectory";
import { dmbench, scratch } from "./command";

const shipped = "public/trajectories/digits-mlp-v1";

it("scores a policy on recorded runs, however the policy is given, with the same figures", async () => {
  const document = join(scratch(), "policy.json");
  await writeFile(document, JSON.stringify({ kind: "schedule", momentum: "0.9" }));
  const files = [`${shipped}/bn-0.safetensors`, `${shipped}/bn-bfn-3.safetensors`];
  const outcomes = [];
  for (const policy of [document, "pytorch-default", "1 - 0.1"])
    outcomes.push(await dmbench(["score", "--policy", policy, "--trajectory", ...files, "--json"]));
  expect(outcomes.map(({ code, err }) => ({ code, err }))).toEqual(outcomes.map(() => ({ code: 0, err: "" })));
  const [first, second, third] = outcomes.map(
    ({ out }) =>
      JSON.parse(out) as {
        policy: { hash: string };
        scores: { trajectory: string; variant: string; seed: number; accuracy: number; momentumPerLayer: unknown[] }[];
      },
  );
  expect(second).toEqual(first);
  expect(third!.policy.hash).not.toBe(first!.policy.hash); // a different rule that computes the same
  expect(third!.scores.map(({ accuracy }) => accuracy)).toEqual(first!.scores.map(({ accuracy }) => accuracy));
  expect(first!.scores).toMatchObject([
    { trajectory: files[0], variant: "bn", seed: 0, momentumPerLayer: [0.9, 0.9, 0.9] },
    { trajectory: files[1], variant: "bn-bfn", seed: 3, momentumPerLayer: [0.9, 0.9] },
  ]);
  for (const { accuracy } of first!.scores) expect(accuracy).toBeGreaterThan(0.9);
});

it("refuses what it can't score, and says what would work", async () => {
  const file = `${shipped}/bn-0.safetensors`;
  const range = await dmbench(["score", "--policy", "step / 300", "--trajectory", file]);
  const missing = await dmbench(["score", "--policy", "dmbn", "--trajectory", "nowhere.safetensors"]);
  const other = await dmbench(["score", "--policy", "dmbn", "--trajectory", "public/datasets/digits/digits.csv.gz"]);
  expect([range.code, range.err]).toEqual([2, expect.stringMatching(/step 301 of layer 0/)]);
  expect([missing.code, missing.err]).toEqual([2, expect.stringMatching(/nowhere\.safetensors can't be read/)]);
  expect([other.code, other.err]).toEqual([2, expect.stringMatching(/digits\.csv\.gz: .*expected/)]);
});

it("records held-out runs by number, one seed for both variants, and skips complete files when run again", async () => {
  const folder = scratch();
  const argv = ["trajectory", "--benchmark", "digits-mlp", "--held-out", "1", "--out", folder];
  const stopped = await dmbench(argv, { interruptAt: /bn-1\.safetensors/ });
  expect(stopped.code).toBe(130);
  const held = join(folder, "digits-mlp-v1", "held-out");
  const before = await stat(join(held, "bn-1.safetensors"));
  const { code, out } = await dmbench(argv);
  expect(code).toBe(0);
  expect(out).toMatch(/bn-1\.safetensors .*was there\n[\s\S]*bn-bfn-1\.safetensors/);
  expect((await stat(join(held, "bn-1.safetensors"))).mtimeMs).toBe(before.mtimeMs);
  expect((await readdir(held)).sort()).toEqual(["SHA256SUMS", "bn-1.safetensors", "bn-bfn-1.safetensors"]);
  const headers = await Promise.all(
    ["bn", "bn-bfn"].map(
      async (variant) => decodeTrajectory(await readFile(join(held, `${variant}-1.safetensors`))).header,
    ),
  );
  expect(headers[0]!.seed).toBe(headers[1]!.seed);
  expect(headers[0]!.seed).toBeGreaterThanOrEqual(2 ** 32);
  expect(out).not.toContain(String(headers[0]!.seed));
  expect(
    (await readFile(join(held, "SHA256SUMS"), "utf8"))
      .trim()
      .split("\n")
      .map((line) => line.replace(/^[0-9a-f]{64}/, "…")),
  ).toEqual(["…  bn-1.safetensors", "…  bn-bfn-1.safetensors"]);
}, 180_000);
