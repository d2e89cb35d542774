/** Data sets as Keras and CIFAR's publisher leave them for Python, written by NumPy and Python themselves. */
import { spawnSync } from "node:child_process";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { DatasetInfo } from "@/lib/datasets";
import { DatasetError, datasetInfo } from "@/lib/datasets";
import { cifarRecords } from "@/lib/datasets/cifar";
import { md5Of } from "@/lib/datasets/copies";
import { encodeIdx } from "@/lib/datasets/idx";
import { decodeNpz } from "@/lib/datasets/npz";
import { toBytes } from "@/lib/datasets/numpy-array";
import { datasetStatus, loadStoredDataset } from "@/lib/datasets/store";
import { findPython } from "../support/python";

const fixtures = fileURLToPath(new URL("../fixtures/datasets", import.meta.url));
const python = findPython("numpy");

/** As make.py of the fixtures has them. */
const pixels = (count: number, size: number, seed: number) =>
  Uint8Array.from({ length: count * size }, (_, i) => i * 7 + seed);
const labels = (count: number, classes: number, seed: number) =>
  Uint8Array.from({ length: count }, (_, i) => (i * 3 + seed) % classes);
const channelsLast = (planes: Uint8Array) =>
  planes.map((_, i) => planes[Math.floor(i / 3072) * 3072 + (i % 3) * 1024 + Math.floor((i % 3072) / 3)]!);

const idx = {
  "train-images": encodeIdx([3, 28, 28], pixels(3, 784, 1)),
  "train-labels": encodeIdx([3], labels(3, 10, 1)),
  "test-images": encodeIdx([2, 28, 28], pixels(2, 784, 2)),
  "test-labels": encodeIdx([2], labels(2, 10, 2)),
};
const smallMnist: DatasetInfo = {
  ...datasetInfo("mnist"),
  files: datasetInfo("mnist").files.map((file) => ({ ...file, md5: md5Of(idx[file.role as keyof typeof idx]) })),
};

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "dmbench-copies-"));
});
afterEach(() => rm(root, { recursive: true, force: true }));

const load = (dataset: string | DatasetInfo, datasetsDir = root) =>
  loadStoredDataset(dataset, { datasetsDir, cacheDir: join(root, "cache"), download: false });
async function put(path: string, content: Uint8Array): Promise<void> {
  await mkdir(dirname(join(root, path)), { recursive: true });
  await writeFile(join(root, path), content);
}

async function expectMnist(datasetsDir: string) {
  const { train, test } = await load(smallMnist, datasetsDir);
  expect([...train.images]).toEqual([...pixels(3, 784, 1)]);
  expect([...train.labels, ...test.labels]).toEqual([...labels(3, 10, 1), ...labels(2, 10, 2)]);
  expect([...test.images]).toEqual([...pixels(2, 784, 2)]);
}

async function expectCifar100(datasetsDir: string) {
  const fine = await load("cifar-100", datasetsDir);
  expect([...fine.train.images]).toEqual([...channelsLast(pixels(2, 3072, 1))]);
  expect([...fine.train.labels, ...fine.test.labels]).toEqual([1, 4, 0, 3]);
  expect([...(await load("cifar-100-coarse", datasetsDir)).train.labels]).toEqual([1, 4]);
}

describe("copies that are checked in", () => {
  it("are read: Keras's mnist.npz and CIFAR-100 for Python", async () => {
    await expectMnist(fixtures);
    await expectCifar100(fixtures);
  });

  it("are listed as the user's before they are converted, and then served from the cache", async () => {
    const options = { datasetsDir: fixtures, cacheDir: join(root, "cache") };
    expect(await datasetStatus("mnist", options)).toMatchObject({
      source: "user",
      path: join(fixtures, "mnist.npz"),
      missing: [],
    });
    await load("cifar-100", fixtures);
    expect(await datasetStatus("cifar-100", options)).toMatchObject({ source: "cache", missing: [], bytes: 4 * 3074 });
  });
});

const reason = python ? "" : " (skipped: no Python with numpy; install python3-numpy)";
describe.skipIf(!python)(`copies that NumPy and Python write now${reason}`, () => {
  it.each([2, 3, 4])("are read in protocol %i", async (protocol) => {
    const { status, stderr } = spawnSync(python!, [join(fixtures, "make.py"), root, String(protocol)], {
      encoding: "utf8",
    });
    expect([status, stderr]).toEqual([0, ""]);
    await expectMnist(root);
    await expectCifar100(root);
    const { train, test } = await load("cifar-10");
    expect([...train.labels]).toEqual([1, 2, 3, 4, 5].flatMap((seed) => [...labels(2, 10, seed)]));
    expect([...test.images]).toEqual([...channelsLast(pixels(2, 3072, 0))]);
  });
});

/** The beginning of CIFAR's published files, instruction by instruction: Python 2 wrote them, whose texts are bytes. */
function python2Batch(count: number, seed: number): Uint8Array {
  const word = (value: number) => [value & 255, (value >>> 8) & 255, (value >>> 16) & 255, value >>> 24];
  const text = (value: string) => [...Buffer.from(`U${String.fromCharCode(value.length)}${value}q\x01`, "latin1")];
  const name = (module: string, attribute: string) => [...Buffer.from(`c${module}\n${attribute}\nq\x01`)];
  const instructions = (value: string) => [...Buffer.from(value, "latin1")];
  const data = pixels(count, 3072, seed);
  return Uint8Array.from([
    ...instructions("\x80\x02}q\x01("),
    ...[...text("batch_label"), ...text("training batch 1 of 5"), ...text("labels")],
    ...[...instructions("]q\x01("), ...[...labels(count, 10, seed)].flatMap((label) => [0x4b, label])],
    ...[...instructions("e"), ...text("data")],
    ...[...name("numpy.core.multiarray", "_reconstruct"), ...name("numpy", "ndarray"), ...instructions("K\0\x85")],
    ...[...text("b"), ...instructions("\x87R("), ...instructions("K\x01J"), ...word(count)],
    ...[
      ...instructions("M\0\x0c\x86"),
      ...name("numpy", "dtype"),
      ...text("u1"),
      ...instructions("K\0K\x01\x87R(K\x03"),
    ],
    ...[...text("|"), ...instructions("NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\0tb\x89T"), ...word(data.length)],
    ...data,
    ...[...instructions("tb"), ...text("filenames"), ...instructions("](")],
    ...Array.from({ length: count }, () => text("a.png")).flat(),
    ...instructions("eu."),
  ]);
}

describe("CIFAR-10 for Python", () => {
  it.each([
    "cifar-10-batches-py",
    "cifar-10/cifar-10-batches-py",
    "cifar-10-batches-py/cifar-10-batches-py",
    "cifar-10-batches-py-target/cifar-10-batches-py",
  ])("is read in %s, also a part of it", async (folder) => {
    await put(`${folder}/data_batch_1`, python2Batch(3, 1));
    await put(`${folder}/test_batch`, python2Batch(1, 2));
    const { train, test, subset } = await load("cifar-10");
    expect([...train.images]).toEqual([...channelsLast(pixels(3, 3072, 1))]);
    expect([...train.labels, ...test.labels]).toEqual([...labels(3, 10, 1), ...labels(1, 10, 2)]);
    expect(subset).toBe("3 of 50,000 training and 1 of 10,000 test images");
  });

  it("is refused in one sentence where a batch is missing, is something else, or has other labels", async () => {
    const folder = join(root, "cifar-10-batches-py");
    await put("cifar-10-batches-py/data_batch_1", python2Batch(1, 1));
    await expect(load("cifar-10")).rejects.toThrow(
      `${folder}: expected test_batch beside the others of the data set, found none. ` +
        `Put the published file in its place, or take ${folder} away to have it downloaded.`,
    );
    await put("cifar-10-batches-py/test_batch", Buffer.from("\x80\x02cos\nsystem\n(U\x02lstR.", "latin1"));
    await expect(load("cifar-10")).rejects.toThrow(
      `${folder}/test_batch: expected a pickle of protocol 2 to 4 with dicts, lists, texts, numbers and NumPy arrays, ` +
        'found the name "os.system" at byte 13 of 21.',
    );
    await put("cifar-10-batches-py/test_batch", Buffer.from("\x80\x02}(U\x06labels](K\x0aeU\x04data]u.", "latin1"));
    await expect(load("cifar-10")).rejects.toThrow(
      `${folder}/test_batch: expected 3072 pixels and a label for each image, found 0 pixels and 1 labels.`,
    );
  });

  it("is refused as a tar.gz with another checksum", async () => {
    await put("cifar-10-python.tar.gz", Uint8Array.of(1, 2, 3));
    await expect(load("cifar-10")).rejects.toThrow(
      `${join(root, "cifar-10-python.tar.gz")}: expected MD5 c58f30108f718f92721af3b95e74349a, found `,
    );
  });
});

describe("Keras's npz", () => {
  it("is refused in one sentence if an array is missing or isn't the published one", async () => {
    await put("mnist.npz", await readFile(join(fixtures, "mnist.npz")));
    const path = join(root, "mnist.npz");
    await expect(load("mnist")).rejects.toThrow(
      `${path}, x_train: expected MD5 6bbc9ace898e44ae57da46a324031adb, found ${md5Of(idx["train-images"])} (2368 bytes). ` +
        `Put the published file in its place, or take ${path} away to have it downloaded.`,
    );
    expect(() => decodeNpz("f", readFixture(), ["z"])).toThrow("f: expected an array z, found none.");
    await put("mnist.npz", new Uint8Array(0));
    await expect(load("mnist")).rejects.toThrow(`${path}: expected a whole zip of NumPy arrays, found 0 bytes`);
  });

  it("may hold whole numbers of any width that are bytes", () => {
    const read = (type: string, shape: number[], data: number[]) =>
      toBytes("f", { type, shape, data: Uint8Array.from(data) });
    expect([...read("<i4", [2], [7, 0, 0, 0, 255, 0, 0, 0])]).toEqual([7, 255]);
    expect([...read(">u2", [2], [0, 7, 0, 255])]).toEqual([7, 255]);
    expect([...read("|i1", [2], [7, 127])]).toEqual([7, 127]);
    for (const [type, data] of [
      ["|i1", [200]],
      ["<i2", [255, 255]],
      ["<u2", [1, 1]],
    ] as const)
      expect(() => read(type, [1], [...data])).toThrow("f: expected values from 0 to 255, found another at index 0.");
    expect(() => read("<f4", [1], [0, 0, 0, 0])).toThrow("f: expected whole numbers (u1, i8, …), found <f4.");
    expect(() => read("|u1", [2, 3], [0])).toThrow("f: expected an array of 2×3 in bytes, found 1 bytes.");
  });
});

let fixture: Uint8Array;
const readFixture = () => fixture;
beforeEach(async () => {
  fixture = await readFile(join(fixtures, "mnist.npz"));
});

/** Whatever the bytes: a value, or one sentence that names the file. */
function expectReadOrRefused(read: () => unknown): void {
  try {
    read();
  } catch (error) {
    expect(error).toBeInstanceOf(DatasetError);
    expect((error as Error).message).toMatch(/^file[^\n]{0,600}\.$/);
  }
}

describe("any bytes", () => {
  const readNpz = (bytes: Uint8Array) => {
    const arrays = decodeNpz("file", bytes, ["x_train", "y_train", "x_test", "y_test"]);
    for (const array of Object.values(arrays)) toBytes("file", array);
  };
  const readBatch = (bytes: Uint8Array) => cifarRecords("file", bytes, "cifar-10");
  const small = python2Batch(1, 3).filter((_, i, all) => i < 250 || i > all.length - 60); // shorter: its length is wrong
  const whole = python2Batch(1, 3);

  const change = (bytes: Uint8Array, changes: readonly (readonly [number, number])[]) => {
    const changed = Uint8Array.from(bytes);
    for (const [at, value] of changes) changed[at % changed.length] = value;
    return changed;
  };
  const changes = fc.array(fc.tuple(fc.nat(), fc.integer({ min: 0, max: 255 })), { minLength: 1, maxLength: 4 });

  it("cut off are refused", () => {
    for (const [read, bytes] of [
      [readNpz, readFixture()],
      [readBatch, whole],
    ] as const)
      for (let length = 0; length < bytes.length; length += 1)
        expect(() => read(bytes.subarray(0, length))).toThrow(DatasetError);
  });

  it("changed are read or refused", () => {
    fc.assert(
      fc.property(changes, (changed) => expectReadOrRefused(() => readNpz(change(readFixture(), changed)))),
      { numRuns: 2000 },
    );
    fc.assert(
      fc.property(changes, fc.boolean(), (changed, short) =>
        expectReadOrRefused(() => readBatch(change(short ? small : whole, changed))),
      ),
      { numRuns: 3000 },
    );
  });

  it("that are instructions of a pickle in any order are read or refused", () => {
    const instruction = fc.constantFrom(
      ..."(N\x88\x89]){}taesu.qh\x85\x86\x87\x93\x94Rb".split("").map((code) => Buffer.from(code, "latin1")),
      ...[
        "K\x03",
        "M\x01\x02",
        "U\x02u1",
        "U\x04data",
        "X\x06\0\0\0latin1",
        "X\x02\0\0\0\xc3\xbf",
        "q\x01",
        "h\x01",
      ].map((code) => Buffer.from(code, "latin1")),
      ...[
        "numpy\nndarray\n",
        "numpy\ndtype\n",
        "numpy.core.multiarray\n_reconstruct\n",
        "_codecs\nencode\n",
        "os\nsystem\n",
      ].map((code) => Buffer.from(`c${code}`)),
    );
    fc.assert(
      fc.property(fc.array(instruction, { maxLength: 60 }), (program) =>
        expectReadOrRefused(() => readBatch(Buffer.concat([Buffer.of(0x80, 2), ...program, Buffer.from(".")]))),
      ),
      { numRuns: 3000 },
    );
  });
});
