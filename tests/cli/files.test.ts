/** Whatever is wrong with a file that the user names, every command that reads it says so in words, with its path. */
import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { reasonOf } from "@/lib/cli/reasons";
import { encodeSafetensors } from "@/lib/records";
import { dmbench, scratch } from "./command";

const policy = '{"kind": "schedule", "momentum": "0.9"}';
const shipped = "public/trajectories/digits-mlp-v1/bn-0.safetensors";

/** Puts a faulty file at a path, and the reason that is expected. */
const faults: [fault: string, put: (path: string) => void, reason: RegExp][] = [
  ["is missing", () => {}, /can't be read: there is no such file\./],
  ["is a folder", (path) => mkdirSync(path), /can't be read: it is a folder, not a file\./],
  ["is a link to itself", (path) => symlinkSync(path, path), /can't be read: its links lead in a circle\./],
];
const jsonFaults: typeof faults = [
  ...faults,
  ["is empty", (path) => writeFileSync(path, ""), /is not JSON: .*line 1, column 1, found the end\./],
  ["breaks off", (path) => writeFileSync(path, '{\n  "kind": '), /is not JSON: .*line 2, column 11, found the end\./],
  ["has a trailing comma", (path) => writeFileSync(path, '{"a": 1,}'), /is not JSON: .*line 1, column 9, found "}"\./],
  ["names a field twice", (path) => writeFileSync(path, '{"a": 1, "a": 2}'), /is not JSON: .*found "a" again\./],
  [
    "is in UTF-16",
    (path) => writeFileSync(path, Buffer.from(`\ufeff${policy}`, "utf16le")),
    /expected text in UTF-8, found UTF-16\./,
  ],
  [
    "is no text",
    (path) => writeFileSync(path, Uint8Array.of(123, 0xff, 125)),
    /expected text in UTF-8, found bytes that are none\./,
  ],
];

const readers: [command: string, argv: (path: string) => string[]][] = [
  ["train --policies", (path) => ["train", "--policies", `dmbn,"${path}"`]],
  ["score --policy", (path) => ["score", "--policy", path, "--trajectory", shipped]],
  ["submit policy", (path) => ["submit", "policy", path, "--name", "x"]],
];
const env = { DMBENCH_TOKEN: "dmb_x", DMBENCH_SITE: "http://127.0.0.1:9" };

/** Expects exit code 2 and one sentence that names the file, without a stack trace. */
async function expectRefusal(argv: string[], path: string, reason: RegExp): Promise<void> {
  const { code, out, err } = await dmbench(argv, { env });
  expect({ code, out }).toEqual({ code: 2, out: "" });
  expect(err).toMatch(reason);
  expect(err).toContain(path);
  expect(err).not.toMatch(/\n\s+at /);
}

describe.each(readers)("%s refuses a file that", (_, argv) => {
  it.each(jsonFaults)("%s", async (_fault, put, reason) => {
    const path = join(scratch(), "a, b.json");
    put(path);
    await expectRefusal(argv(path), path, reason);
  });

  it("is no policy", async () => {
    const path = join(scratch(), "policy.json");
    writeFileSync(path, '{"kind": "schedule", "momentum": "2 +"}');
    await expectRefusal(argv(path), path, /is no policy document: momentum, character 3: expected/);
  });
});

describe("submit run refuses a record that", () => {
  it.each(jsonFaults)("%s", async (_fault, put, reason) => {
    const folder = scratch();
    put(join(folder, "record.json"));
    await expectRefusal(["submit", "run", folder], join(folder, "record.json"), reason);
  });

  it("is another document, naming its first issues", async () => {
    const folder = scratch();
    writeFileSync(join(folder, "record.json"), policy);
    await expectRefusal(["submit", "run", folder], folder, /is no run record:\n {2}benchmark: expected/);
  });
});

const external = {
  format: "dmbench-external-1",
  network: { name: "Tiny", description: "", parameters: 10, batchNorms: 1, channels: 4 },
  software: "PyTorch 2.13",
  task: { dataset: "digits", classes: 10 },
  training: { batchSize: 8, steps: 100 },
  metric: "accuracy",
  methods: [{ policy: "dmbn", value: 0.5, momentumPerLayer: [0.9], shift: null }],
};

describe("submit external refuses a folder whose", () => {
  const submit = async (folder: string, file: string, reason: RegExp) =>
    expectRefusal(["submit", "external", folder], join(folder, file), reason);

  it.each(jsonFaults)("external.json %s", async (_fault, put, reason) => {
    const folder = scratch();
    put(join(folder, "external.json"));
    await submit(folder, "external.json", reason);
  });

  it("external.json is another document, or has a figure that is none, naming the field", async () => {
    const folder = scratch();
    writeFileSync(join(folder, "external.json"), policy);
    await submit(folder, "external.json", /is no record of a network:\n {2}format: expected dmbench-external-1/);
    const text = JSON.stringify(external);
    writeFileSync(join(folder, "external.json"), text.replace("0.5", "NaN"));
    await submit(folder, "external.json", /is not JSON/);
    writeFileSync(join(folder, "external.json"), text.replace("0.5", '"much"'));
    await submit(folder, "external.json", /methods\[0\]\.value: expected a number, found "much"/);
  });

  it.each(faults)("predictions %s", async (_fault, put, reason) => {
    const folder = scratch();
    writeFileSync(join(folder, "external.json"), JSON.stringify(external));
    put(join(folder, "predictions.safetensors"));
    await submit(folder, "predictions.safetensors", reason);
  });
});

it.each([
  ...faults,
  ["is another format", (path: string) => writeFileSync(path, policy), /: .*expected/] as const,
  ["is no trajectory", (path: string) => writeFileSync(path, encodeSafetensors([])), /: not a trajectory/] as const,
])("score --trajectory refuses a file that %s", async (_fault, put, reason) => {
  const path = join(scratch(), "run.safetensors");
  put(path);
  await expectRefusal(["score", "--policy", "0.9", "--trajectory", path], path, reason);
});

it("reads a document with a byte order mark", async () => {
  const path = join(scratch(), "policy.JSON");
  writeFileSync(path, `\ufeff${policy}\n`);
  const { code, out, err } = await dmbench(["score", "--policy", path, "--trajectory", shipped, "--json"]);
  expect({ code, err }).toEqual({ code: 0, err: "" });
  expect(JSON.parse(out).policy.document.momentum).toBe("0.9");
});

it("says in words what the file system refused", () => {
  const refused = (code: string) => reasonOf(Object.assign(new Error(`${code}: open 'x'`), { code }));
  expect(["EACCES", "ENOSPC", "EWHATEVER"].map(refused)).toEqual([
    "permission denied",
    "the disk is full",
    "EWHATEVER: open 'x'",
  ]);
});
