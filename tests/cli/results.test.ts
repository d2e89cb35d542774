import { readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { gunzipSync, gzipSync } from "node:zlib";
import { expect, it } from "vitest";
import { decodeResults, decodeSafetensors, encodeSafetensors } from "@/lib/records";
import { sha256 } from "@/lib/server/artifacts";
import { dmbench, scratch } from "./command";

const board = ["--benchmark", "digits-mlp-short", "--jobs", "2"];
const name = "digits-mlp-short-v1.safetensors.gz";

it("computes what is missing, goes on where it stopped, and computes the same again", async () => {
  const out = scratch();
  const env = { DMBENCH_DATA_DIR: scratch() };
  const stopped = await dmbench(["results", ...board, "--runs", "3", "--out", out], { env, interruptAt: /seed \d: / });
  expect([stopped.code, stopped.err]).toEqual([130, expect.stringMatching(/[12] of 3 runs are kept in /)]);
  const done = await dmbench(["results", ...board, "--runs", "3", "--out", out], { env });
  expect([done.code, done.err]).toEqual([0, ""]);
  expect(done.out).toMatch(/^[12] of 3 runs are there already\.\n/);
  const file = await readFile(join(out, name));
  expect(await readFile(join(out, "SHA256SUMS"), "utf8")).toBe(`${sha256(file)}  ${name}\n`);
  expect(decodeResults(gunzipSync(file))).toMatchObject({
    benchmark: { slug: "digits-mlp-short", version: 1 },
    seeds: [0, 1, 2],
    variants: [{ variant: "bn" }, { variant: "bn-bfn" }],
  });

  // From the file alone: nothing of it is computed again, and nothing changes.
  const elsewhere = { DMBENCH_DATA_DIR: scratch() };
  const again = await dmbench(["results", ...board, "--runs", "3", "--out", out], { env: elsewhere });
  expect(again.out).toMatch(/^3 of 3 runs are there already\.\n.*as before\n$/);

  const verified = await dmbench(["results", ...board, "--verify", "--runs", "1", "--out", out], { env });
  expect([verified.code, verified.out]).toEqual([
    0,
    expect.stringMatching(/1 of 3 runs computed again, \d+ methods each: all the same\.\n$/),
  ]);
}, 300_000);

it("names every figure that differs, and refuses a file that isn't the one that was written", async () => {
  const out = scratch();
  const env = { DMBENCH_DATA_DIR: scratch() };
  await dmbench(["results", ...board, "--runs", "1", "--out", out], { env });
  const path = join(out, name);
  const { tensors, metadata } = decodeSafetensors(gunzipSync(await readFile(path)));
  tensors.find(({ name }) => name === "bn/shift")!.values[0]! += 1e-9;
  const forged = gzipSync(encodeSafetensors(tensors, metadata));
  await writeFile(path, forged);
  const { size } = await stat(path);
  const verify = () => dmbench(["results", ...board, "--verify", "--out", out], { env });
  expect(await verify()).toMatchObject({ code: 1, err: expect.stringMatching(/expected SHA-256 .*, found /) });
  await writeFile(join(out, "SHA256SUMS"), `${sha256(forged)}  ${name}\n`);
  expect(await verify()).toMatchObject({
    code: 1,
    err: expect.stringMatching(/1 figures differ:\n {2}bn\/[\w-]+, seed 0: esm/),
  });
  expect((await stat(path)).size).toBe(size);
}, 300_000);

it("verifies results as they are published with this project", async () => {
  const { code, out, err } = await dmbench(["results", ...board, "--verify", "--runs", "12"]);
  expect([code, err]).toEqual([0, ""]);
  expect(out).toMatch(/12 of 50 runs computed again/);
}, 600_000);
