/** Where output can't be written the command says so before it works; readers that go away end nothing. */
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, openSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { json } from "node:stream/consumers";
import { describe, expect, it } from "vitest";
import { prepareFile, prepareFolder, writeWhole } from "@/lib/cli/output";
import { runRecordSchema } from "@/lib/records";
import { dmbench, scratch, startProcess } from "./command";

const short = ["--backend", "wasm", "--threads", "1", "--max-steps", "4", "--policies", "0.9"];

describe.each([
  ["train", (out: string) => ["train", ...short, "--out", out]],
  ["trajectory", (out: string) => ["trajectory", "--benchmark", "digits-mlp", "--seeds", "0", "--out", out]],
  ["study", (out: string) => ["study", "--backend", "wasm", "--out", out]],
  [
    "export",
    (out: string) => ["export", "digits-mlp", "--site", "http://127.0.0.1:9", "--out", join(out, "board.csv")],
  ],
])("%s refuses, before it does anything, to write to", (_, argv) => {
  it.each([
    ["a file in the place of a folder", (folder: string) => join(folder, "file"), /is a file where a folder is needed/],
    [
      "a folder inside a file",
      (folder: string) => join(folder, "file", "deeper"),
      /is a file where a folder is needed/,
    ],
    ["a file system without new folders", () => "/proc/nope", /takes no new folders/],
    ["a link to itself", (folder: string) => join(folder, "link"), /links lead in a circle/],
  ])("%s", async (_place, place, reason) => {
    const folder = scratch();
    writeFileSync(join(folder, "file"), "kept");
    symlinkSync("link", join(folder, "link"));
    const { code, out, err } = await dmbench(argv(place(folder)));
    expect({ code, out }).toEqual({ code: 2, out: "" });
    expect(err).toMatch(reason);
    expect(err).not.toMatch(/steps on|\n\s+at /);
    expect(readFileSync(join(folder, "file"), "utf8")).toBe("kept");
  });
});

it("refuses a folder as the file of an export", async () => {
  const folder = scratch();
  const { code, err } = await dmbench(["export", "digits-mlp", "--site", "http://127.0.0.1:9", "--out", folder]);
  expect({ code, err }).toEqual({
    code: 2,
    err: expect.stringContaining(`${folder} can't be written: it is a folder`),
  });
});

it("prints the record of a run whose files can't be written in the end", async () => {
  const folder = scratch();
  mkdirSync(join(folder, "weights.safetensors"));
  const { code, out, err } = await dmbench(["train", ...short, "--out", folder]);
  expect(code).toBe(1);
  expect(err).toMatch(/weights\.safetensors can't be written: it is a folder, not a file\.\n$/);
  expect(runRecordSchema.parse(JSON.parse(out.trim().split("\n").at(-1)!)).manifest.steps).toBe(4);
  expect(readdirSync(folder).filter((name) => name.endsWith(".part"))).toEqual([]);
});

it("trains to the end and writes every file though both its streams are closed", async () => {
  const folder = join(scratch(), "a", "b");
  const child = startProcess(["train", ...short, "--out", folder]);
  child.stderr.once("data", () => {
    child.stdout.destroy();
    child.stderr.destroy();
  });
  expect(await new Promise((resolve) => child.on("exit", resolve))).toBe(0);
  expect(readdirSync(folder).sort()).toEqual(
    ["predictions", "trace", "weights"]
      .map((name) => `${name}.safetensors`)
      .concat("record.json")
      .sort(),
  );
});

it.runIf(existsSync("/dev/full"))("fails where standard output can't take the result", async () => {
  const { status, stderr } = spawnSync(process.execPath, ["--import", "tsx", "lib/cli/main.ts", "datasets", "list"], {
    stdio: ["ignore", openSync("/dev/full", "w"), "pipe"],
    encoding: "utf8",
    env: { ...process.env, VITEST: "" },
  });
  expect({ status, stderr }).toEqual({
    status: 1,
    stderr: "error: standard output can't be written: the disk is full.\n",
  });
});

it("replaces a file whole, through a link too, and writes to what is no file", async () => {
  const folder = scratch();
  const [file, link] = [join(folder, "file"), join(folder, "link")];
  writeFileSync(file, "zero");
  symlinkSync("file", link);
  await prepareFile(link);
  await writeWhole(link, "one");
  await writeWhole(link, "two");
  await prepareFile("/dev/null");
  await writeWhole("/dev/null", "three");
  await prepareFolder(folder);
  expect(readFileSync(file, "utf8")).toBe("two");
  expect(readdirSync(folder).sort()).toEqual(["file", "link"]);
  expect(existsSync("/dev/null")).toBe(true);
});

it("reads settings as the site does: the environment, then .env.local, then .env", async () => {
  const folder = scratch();
  const sourceOfMnist = async (env: Record<string, string> = {}) => {
    const child = startProcess(["datasets", "list", "--json"], {
      cwd: folder,
      env: { DMBENCH_DATASETS_DIR: undefined, NODE_ENV: undefined, ...env }, // tests don't read .env.local
    });
    const rows = (await json(child.stdout)) as { slug: string; source: string | null }[];
    return rows.find(({ slug }) => slug === "mnist")!.source;
  };
  for (const name of ["first", "second"]) mkdirSync(join(folder, name, "mnist"), { recursive: true });
  writeFileSync(join(folder, "second", "mnist", "train-images-idx3-ubyte.gz"), "");
  writeFileSync(join(folder, ".env"), "DMBENCH_DATASETS_DIR=first # where they are\n");
  expect(await sourceOfMnist()).toBeNull();
  writeFileSync(join(folder, ".env.local"), `export DMBENCH_DATASETS_DIR="second"\n`);
  expect(await sourceOfMnist()).toBe("user");
  expect(await sourceOfMnist({ DMBENCH_DATASETS_DIR: "first" })).toBeNull();
});
