/** The store on disk, with downloads from a real local server. */
import { createHash } from "node:crypto";
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import type { Server, ServerResponse } from "node:http";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { createTar } from "nanotar";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { DatasetInfo } from "@/lib/datasets";
import { DatasetError, DatasetUnavailableError, datasetInfo } from "@/lib/datasets";
import type { DownloadMirror, DownloadProgress } from "@/lib/datasets/store";
import { datasetStatus, loadStoredDataset, openDatasetFile, readDatasetFile } from "@/lib/datasets/store";
import { cifarRecords, idxImages, idxLabels } from "./files";

const md5 = (bytes: Uint8Array) => createHash("md5").update(bytes).digest("hex");

/** Large enough to arrive in several chunks, and incompressible. */
const trainImages = idxImages(
  2000,
  8,
  8,
  Array.from({ length: 128_000 }, (_, i) => Math.imul(i, 2_654_435_761) >>> 24),
);
const idxContents: Record<string, Uint8Array> = {
  "train-images-idx3-ubyte.gz": trainImages,
  "train-labels-idx1-ubyte.gz": idxLabels(Array.from({ length: 2000 }, (_, i) => i % 10)),
  "t10k-images-idx3-ubyte.gz": idxImages(1, 8, 8, new Array<number>(64).fill(7)),
  "t10k-labels-idx1-ubyte.gz": idxLabels([3]),
};
const cifarContents: Record<string, Uint8Array> = {
  ...Object.fromEntries(
    [1, 2, 3, 4, 5].map((batch) => [`data_batch_${batch}.bin`, cifarRecords([0, 1, batch], batch)]),
  ),
  "test_batch.bin": cifarRecords([9], 99),
};
const archiveOf = (contents: Record<string, Uint8Array>) =>
  gzipSync(createTar(Object.entries(contents).map(([name, data]) => ({ name: `cifar-10-batches-bin/${name}`, data }))));
const cifarArchive = archiveOf(cifarContents);

let root: string;
let cacheDir: string;
let server: Server;
let address: string;
let requests: string[];
/** The server's responses by path; all other paths are 404. */
let routes: Record<string, (response: ServerResponse) => void>;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "dmbench-store-"));
  cacheDir = join(root, "cache");
  requests = [];
  routes = {};
  server = createServer((request, response) => {
    requests.push(request.url!);
    const route = routes[request.url!];
    if (route) route(response);
    else response.writeHead(404).end();
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});

afterEach(async () => {
  server.closeAllConnections();
  await new Promise((closed) => server.close(closed));
  await rm(root, { recursive: true, force: true });
});

const serve = (content: Uint8Array) => (response: ServerResponse) =>
  void response.writeHead(200, { "content-length": content.length }).end(content);

const idxInfo = (): DatasetInfo => ({
  ...datasetInfo("mnist"),
  folder: "tiny",
  shape: [8, 8, 1],
  files: datasetInfo("mnist").files.map((file) => ({
    ...file,
    md5: md5(idxContents[file.name]!),
    urls: [`${address}/first/${file.name}`, `${address}/second/${file.name}`],
  })),
});

const cifarInfo = (): DatasetInfo => ({
  ...datasetInfo("cifar-10"),
  archive: { name: "cifar-10-binary.tar.gz", md5: md5(cifarArchive), urls: [`${address}/cifar.tar.gz`] },
});

const imageFile = "train-images-idx3-ubyte.gz";
const cached = () => readdir(join(cacheDir, "tiny"));

async function put(folder: string, files: Record<string, Uint8Array>) {
  await mkdir(join(root, folder), { recursive: true });
  for (const [name, content] of Object.entries(files)) await writeFile(join(root, folder, name), content);
}

describe("download", () => {
  it("happens once, verified and with progress, and is cached", async () => {
    const packed = gzipSync(trainImages);
    routes[`/first/${imageFile}`] = serve(packed);
    const progress: DownloadProgress[] = [];
    const file = await openDatasetFile(idxInfo(), imageFile, { cacheDir, onProgress: (step) => progress.push(step) });
    expect(file).toEqual({
      path: join(cacheDir, "tiny", imageFile),
      bytes: packed.length,
      gzipped: true,
      source: "cache",
    });
    expect(Buffer.compare(await readFile(file!.path), packed)).toBe(0);
    expect(progress.at(-1)).toEqual({ file: imageFile, receivedBytes: packed.length, totalBytes: packed.length });

    await openDatasetFile(idxInfo(), imageFile, { cacheDir });
    expect(requests).toEqual([`/first/${imageFile}`]);
    expect(await cached()).toEqual([imageFile]);
  });

  it("is one request for two concurrent callers, and both get its progress", async () => {
    routes[`/first/${imageFile}`] = (response) => setTimeout(() => serve(gzipSync(trainImages))(response), 50);
    const seen = [0, 0];
    const files = await Promise.all(
      seen.map((_, i) => openDatasetFile(idxInfo(), imageFile, { cacheDir, onProgress: () => seen[i]!++ })),
    );
    expect(files[0]).toEqual(files[1]);
    expect(requests).toHaveLength(1);
    expect(seen[0]).toBeGreaterThan(0);
    expect(seen[1]).toBe(seen[0]);
  });

  it("tries the next URL if one fails or serves something else", async () => {
    for (const name of Object.keys(idxContents)) routes[`/second/${name}`] = serve(idxContents[name]!);
    routes[`/first/${imageFile}`] = serve(Uint8Array.of(1, 2, 3));
    const { train, test } = await loadStoredDataset(idxInfo(), { cacheDir });
    expect([train.count, test.count]).toEqual([2000, 1]);
    expect(requests).toHaveLength(8);
  });

  it("is taken from a mirror that has it, which gets what it lacks, or has in another form", async () => {
    const packed = gzipSync(trainImages);
    routes[`/first/${imageFile}`] = serve(packed);
    const kept = new Map<string, Uint8Array>();
    const mirror: DownloadMirror = {
      read: async (key) => kept.get(key) ?? null,
      write: async (key, content) => void kept.set(key, content),
    };
    const openAnew = async () => {
      await rm(cacheDir, { recursive: true, force: true });
      const file = await openDatasetFile(idxInfo(), imageFile, { cacheDir, mirror });
      expect(Buffer.compare(await readFile(file!.path), packed)).toBe(0);
    };
    await openAnew();
    expect(requests).toHaveLength(1);
    expect([...kept.keys()]).toEqual([`tiny/${imageFile}`]);
    await openAnew();
    expect(requests).toHaveLength(1);
    kept.set(`tiny/${imageFile}`, packed.slice(0, -1));
    await openAnew();
    expect(requests).toHaveLength(2);
    expect(kept.get(`tiny/${imageFile}`)).toHaveLength(packed.length);
    expect(await cached()).toEqual([imageFile]);
  });

  it("of anything but the published file is an error that names the URL, and leaves no file", async () => {
    const other = idxImages(1, 8, 8, new Array<number>(64).fill(1));
    for (const address of ["first", "second"]) routes[`/${address}/${imageFile}`] = serve(other);
    const opening = openDatasetFile(idxInfo(), imageFile, { cacheDir });
    await expect(opening).rejects.toThrow(DatasetError);
    await expect(opening).rejects.toThrow(
      `${address}/first/${imageFile}: expected MD5 ${md5(trainImages)}, found ${md5(other)} (80 bytes).`,
    );
    expect(await cached()).toEqual([]);
  });

  it("that breaks off reports after how many bytes, and leaves no file", async () => {
    const packed = gzipSync(trainImages);
    for (const address of ["first", "second"]) {
      routes[`/${address}/${imageFile}`] = (response) => {
        response.writeHead(200, { "content-length": packed.length });
        response.write(packed.subarray(0, 1000), () => response.destroy());
      };
    }
    const opening = openDatasetFile(idxInfo(), imageFile, { cacheDir });
    await expect(opening).rejects.toThrow(DatasetUnavailableError);
    await expect(opening).rejects.toThrow(
      new RegExp(`first/${imageFile}: the transfer broke off after (1000|0) of ${packed.length} bytes`),
    );
    expect(await cached()).toEqual([]);
  });

  it("that is truncated without a content length fails verification", async () => {
    for (const address of ["first", "second"])
      routes[`/${address}/${imageFile}`] = (response) => void response.end(gzipSync(trainImages).subarray(0, 1000));
    await expect(openDatasetFile(idxInfo(), imageFile, { cacheDir })).rejects.toThrow(
      "expected a whole gzip stream, found 1000 bytes, cut off",
    );
    expect(await cached()).toEqual([]);
  });

  it("stops when nobody waits for it any more, and can be requested again", async () => {
    let stopped = false;
    routes[`/first/${imageFile}`] = (response) => {
      response.writeHead(200, { "content-length": 1_000_000 });
      response.write(new Uint8Array(1000));
      response.on("close", () => (stopped = true));
    };
    const controllers = [new AbortController(), new AbortController()];
    let arrived = () => {};
    const inProgress = new Promise<void>((resolve) => (arrived = resolve));
    const waiting = controllers.map(({ signal }) =>
      openDatasetFile(idxInfo(), imageFile, { cacheDir, signal, onProgress: arrived }),
    );
    await inProgress;
    const reason = new Error("no longer wanted");
    controllers[0]!.abort(reason);
    await expect(waiting[0]).rejects.toBe(reason);
    expect(stopped).toBe(false);
    controllers[1]!.abort(reason);
    await expect(waiting[1]).rejects.toBe(reason);
    await expect.poll(() => stopped).toBe(true);
    await expect.poll(cached).toEqual([]);

    routes[`/first/${imageFile}`] = serve(trainImages);
    await expect(openDatasetFile(idxInfo(), imageFile, { cacheDir })).resolves.toMatchObject({ source: "cache" });
  });

  it("does not start for an aborted caller, or if downloads are off", async () => {
    await expect(openDatasetFile(idxInfo(), imageFile, { cacheDir, signal: AbortSignal.abort() })).rejects.toThrow(
      "aborted",
    );
    await expect(openDatasetFile(idxInfo(), imageFile, { cacheDir, download: false })).rejects.toThrow(
      DatasetUnavailableError,
    );
    expect(requests).toEqual([]);
  });
});

describe("no copy and no network", () => {
  const offline = (slug: string): DatasetInfo => ({
    ...datasetInfo(slug),
    files: datasetInfo(slug).files.map((file) => ({ ...file, urls: ["http://127.0.0.1:1/"] })),
  });
  const messageOf = (info: DatasetInfo) =>
    openDatasetFile(info, info.files[0]!.name, { cacheDir, systemDir: root }).then(
      String,
      (error: Error) => error.message,
    );

  it("names the three ways to get Fashion-MNIST, and digits", async () => {
    const message = await messageOf(offline("fashion-mnist"));
    expect(message).toMatch(
      /^Fashion-MNIST is not on this machine and could not be downloaded:\n {2}http:\/\/127.0.0.1:1\/: fetch failed/,
    );
    expect(message).toContain(
      "(1) set DMBENCH_DATASETS_DIR to a folder that holds fashion-mnist/train-images-idx3-ubyte.gz and the others",
    );
    expect(message).toContain("(2) install Debian's package dataset-fashion-mnist");
    expect(message).toContain("(3) connect to the internet once");
    expect(message).toContain('The data set "digits" needs none of this.');
  });

  it("doesn't name a Debian package if there is none", async () => {
    expect(await messageOf(offline("mnist"))).not.toContain("Debian");
  });

  it("doesn't affect digits", async () => {
    await expect(openDatasetFile("digits", "digits.csv.gz", { cacheDir })).resolves.toMatchObject({
      source: "embedded",
    });
    await expect(openDatasetFile("digits", "digits.csv.gz", { cacheDir, embeddedDir: root })).rejects.toThrow(
      "Digits comes with this project, but its files are gone. Restore it from the project's repository.",
    );
  });
});

describe("the cache", () => {
  it.each([
    ["truncated", (packed: Uint8Array) => packed.subarray(0, 500), "expected a whole gzip stream"],
    ["damaged", (packed: Uint8Array) => gzipSync(Uint8Array.of(...packed, 1)), `expected MD5 ${md5(trainImages)}`],
  ])("reports a %s file, deletes it and downloads it again", async (_, damage, problem) => {
    routes[`/first/${imageFile}`] = serve(gzipSync(trainImages));
    const { path } = (await openDatasetFile(idxInfo(), imageFile, { cacheDir }))!;
    await writeFile(path, damage(gzipSync(trainImages)));
    const warnings: DatasetError[] = [];
    const content = await readDatasetFile(idxInfo(), imageFile, {
      cacheDir,
      onWarning: (warning) => warnings.push(warning),
    });
    expect(Buffer.compare(content!, gzipSync(trainImages))).toBe(0);
    expect(warnings).toHaveLength(1);
    expect(warnings[0]!.message).toContain(`${path}: ${problem}`);
    expect(requests).toHaveLength(2);
  });
});

describe("the cache, with concurrent callers", () => {
  it("reports a damaged file once and downloads it once", async () => {
    routes[`/first/${imageFile}`] = serve(trainImages);
    await put("cache/tiny", { [imageFile]: Uint8Array.of(1, 2, 3) });
    const warnings: DatasetError[] = [];
    const open = () =>
      openDatasetFile(idxInfo(), imageFile, { cacheDir, onWarning: (warning) => warnings.push(warning) });
    const files = await Promise.all([open(), open(), open(), open()]);
    expect(files.map((file) => file?.bytes)).toEqual(new Array(4).fill(trainImages.length));
    expect([warnings.length, requests.length]).toEqual([1, 1]);
  });
});

describe("the user's folder", () => {
  it("comes first, with or without gzip", async () => {
    await put("own/tiny", { ...idxContents, [imageFile]: gzipSync(trainImages) });
    const { train } = await loadStoredDataset(idxInfo(), { cacheDir, datasetsDir: join(root, "own") });
    expect(train.count).toBe(2000);
    expect(requests).toEqual([]);
  });

  it("reports a damaged file and leaves it in place", async () => {
    await put("own/tiny", { ...idxContents, [imageFile]: Uint8Array.of(1, 2, 3) });
    const opening = openDatasetFile(idxInfo(), imageFile, { cacheDir, datasetsDir: join(root, "own") });
    await expect(opening).rejects.toThrow(
      `${join(root, "own/tiny", imageFile)}: expected MD5 ${md5(trainImages)}, ` +
        `found ${md5(Uint8Array.of(1, 2, 3))} (3 bytes). Put the published file in its place`,
    );
    expect([...(await readFile(join(root, "own/tiny", imageFile)))]).toEqual([1, 2, 3]);
  });

  it("reports a missing file", async () => {
    const { [imageFile]: _, ...others } = idxContents;
    await put("own/tiny", others);
    await expect(openDatasetFile(idxInfo(), imageFile, { cacheDir, datasetsDir: join(root, "own") })).rejects.toThrow(
      `${join(root, "own/tiny", imageFile)}: expected this file beside the others of the data set, found none.`,
    );
  });

  it("may contain a subset of CIFAR, which is described", async () => {
    await put("own/cifar-10", {
      "data_batch_1.bin.gz": gzipSync(cifarContents["data_batch_1.bin"]!),
      "test_batch.bin": cifarContents["test_batch.bin"]!,
    });
    const { train, subset } = await loadStoredDataset(cifarInfo(), { cacheDir, datasetsDir: join(root, "own") });
    expect([...train.labels]).toEqual([0, 1, 1]);
    expect(subset).toBe("3 of 50,000 training and 1 of 10,000 test images");
    expect(requests).toEqual([]);
  });

  it("may not contain anything else under the name of a CIFAR file", async () => {
    await put("own/cifar-10", { "data_batch_1.bin": cifarRecords([10], 0), "test_batch.bin": new Uint8Array(100) });
    const open = (name: string) => openDatasetFile(cifarInfo(), name, { cacheDir, datasetsDir: join(root, "own") });
    await expect(open("data_batch_1.bin")).rejects.toThrow(
      "expected labels from 0 to 9, found 10 at index 0. Put the published file",
    );
    await expect(open("test_batch.bin")).rejects.toThrow("expected whole records of 3073 bytes, found 100 bytes.");
  });
});

describe("Debian's folder", () => {
  it("comes after the user's, and only for data sets that Debian packages", async () => {
    await put("system/tiny", idxContents);
    const packaged = { ...idxInfo(), debianPackage: "dataset-tiny" };
    await expect(
      openDatasetFile(packaged, imageFile, { cacheDir, systemDir: join(root, "system") }),
    ).resolves.toMatchObject({ source: "system" });
    await expect(openDatasetFile(idxInfo(), imageFile, { cacheDir, systemDir: join(root, "system") })).rejects.toThrow(
      DatasetUnavailableError,
    );
  });
});

describe("the publisher's archive", () => {
  it("is downloaded once, verified and unpacked, for all its files", async () => {
    routes["/cifar.tar.gz"] = serve(cifarArchive);
    const { train, test } = await loadStoredDataset(cifarInfo(), { cacheDir });
    expect([...train.labels]).toEqual([0, 1, 1, 0, 1, 2, 0, 1, 3, 0, 1, 4, 0, 1, 5]);
    expect([train.images.at(-1), test.images[0]]).toEqual([5, 99]);
    expect(requests).toEqual(["/cifar.tar.gz"]);
    expect((await readdir(join(cacheDir, "cifar-10"))).sort()).toEqual(
      ["MD5SUMS", ...Object.keys(cifarContents)].sort(),
    );
  });

  it("replaces a file that is damaged later", async () => {
    routes["/cifar.tar.gz"] = serve(cifarArchive);
    const { path } = (await openDatasetFile(cifarInfo(), "data_batch_3.bin", { cacheDir }))!;
    await writeFile(path, cifarRecords([0, 1, 4], 3));
    const warnings: DatasetError[] = [];
    expect(
      (await loadStoredDataset(cifarInfo(), { cacheDir, onWarning: (warning) => warnings.push(warning) })).train
        .labels[8],
    ).toBe(3);
    expect(warnings.map(({ issue }) => issue.field)).toEqual([path]);
  });

  it("is read from the user's folder if it is there", async () => {
    await put("own", { "cifar-10-binary.tar.gz": cifarArchive });
    const { train } = await loadStoredDataset(cifarInfo(), { cacheDir, datasetsDir: join(root, "own") });
    expect(train.count).toBe(15);
    expect(requests).toEqual([]);
  });

  it("is refused if it isn't the published one", async () => {
    const { "data_batch_5.bin": _, ...others } = cifarContents;
    const other = archiveOf(others);
    await put("own/cifar-10", { "cifar-10-binary.tar.gz": other });
    const open = () => openDatasetFile(cifarInfo(), "test_batch.bin", { cacheDir, datasetsDir: join(root, "own") });
    await expect(open()).rejects.toThrow(`expected MD5 ${md5(cifarArchive)}, found ${md5(other)}`);
    const lacking = { ...cifarInfo(), archive: { ...cifarInfo().archive!, md5: md5(other) } };
    await expect(
      openDatasetFile(lacking, "test_batch.bin", { cacheDir, datasetsDir: join(root, "own") }),
    ).rejects.toThrow("expected data_batch_5.bin beside the others of the data set, found none");
  });
});

describe("status", () => {
  it("reports a data set's path, size and missing files", async () => {
    expect(await datasetStatus("digits", { cacheDir })).toEqual({
      slug: "digits",
      source: "embedded",
      path: join("public", "datasets", "digits"),
      bytes: 57_512,
      missing: [],
    });
    expect(await datasetStatus(cifarInfo(), { cacheDir })).toMatchObject({ source: null, path: null, bytes: 0 });
    await put("own/cifar-10", {
      "data_batch_1.bin": cifarContents["data_batch_1.bin"]!,
      "test_batch.bin": cifarContents["test_batch.bin"]!,
    });
    expect(await datasetStatus(cifarInfo(), { cacheDir, datasetsDir: join(root, "own") })).toEqual({
      slug: "cifar-10",
      source: "user",
      path: join(root, "own/cifar-10"),
      bytes: 4 * 3073,
      missing: [2, 3, 4, 5].map((batch) => `data_batch_${batch}.bin`),
    });
  });
});

describe("bad names", () => {
  it("are refused with a list of the known ones", async () => {
    await expect(openDatasetFile("imagenet", "x", { cacheDir })).rejects.toThrow(
      "data set: expected one of digits, mnist",
    );
    await expect(openDatasetFile("digits", "../../package.json", { cacheDir })).rejects.toThrow(
      'file of digits: expected one of digits.csv.gz, found "../../package.json"',
    );
  });
});

describe("layouts of others", () => {
  const files = datasetInfo("mnist").files.map((file) => ({ ...file, md5: md5(idxContents[file.name]!), urls: [] }));
  const infoOf = (slug: "mnist" | "fashion-mnist"): DatasetInfo => ({ ...datasetInfo(slug), shape: [8, 8, 1], files });
  const plain = (name: string) => name.replace(/\.gz$/, "");
  const dotted = (name: string) => plain(name).replace("-idx", ".idx");

  it.each<["mnist" | "fashion-mnist", string, (name: string) => string, boolean]>([
    ["mnist", "mnist", (name) => name, true],
    ["mnist", "mnist", plain, false],
    ["mnist", "mnist", dotted, false],
    ["mnist", "mnist", (name) => `${dotted(name)}.gz`, true],
    ["mnist", "MNIST/raw", plain, false],
    ["mnist", "MNIST/raw", (name) => name, true],
    ["mnist", "mnist/MNIST/raw", plain, false],
    ["mnist", "mnist/raw", dotted, false],
    ["fashion-mnist", "FashionMNIST/raw", plain, false],
    ["fashion-mnist", "fashion-mnist", (name) => name, true],
    ["fashion-mnist", "fashion-mnist/FashionMNIST/raw", (name) => name, true],
  ])("reads %s in %s", async (slug, folder, spell, packed) => {
    const written = Object.entries(idxContents).map(([name, content]) => [
      spell(name),
      packed ? gzipSync(content) : content,
    ]);
    await put(`data/${folder}`, Object.fromEntries(written));
    const options = { datasetsDir: join(root, "data"), cacheDir };
    expect(await datasetStatus(infoOf(slug), options)).toMatchObject({
      source: "user",
      path: join(root, "data", folder),
      missing: [],
    });
    expect((await loadStoredDataset(infoOf(slug), options)).train.count).toBe(2000);
    const other = infoOf(slug === "mnist" ? "fashion-mnist" : "mnist"); // has files of the same names
    expect((await datasetStatus(other, options)).source).toBeNull();
  });

  it.each(["cifar-10", "cifar-10/cifar-10-batches-bin", "cifar-10-batches-bin"])(
    "reads CIFAR-10 in %s",
    async (folder) => {
      await put(`data/${folder}`, cifarContents);
      const { train } = await loadStoredDataset(cifarInfo(), { datasetsDir: join(root, "data"), cacheDir });
      expect(train.count).toBe(15);
    },
  );

  it.each(["cifar-100", "cifar-100/cifar-100-binary", "cifar-100-binary"])("reads CIFAR-100 in %s", async (folder) => {
    const record = Uint8Array.from([3, 42, ...new Array<number>(3072).fill(9)]);
    await put(`data/${folder}`, { "train.bin": record, "test.bin": record });
    const { test } = await loadStoredDataset("cifar-100", { datasetsDir: join(root, "data"), cacheDir });
    expect([...test.labels]).toEqual([42]);
  });

  it.each<[string, string, Record<string, string[]>, RegExp]>([
    [
      "nothing that resembles it",
      "mnist",
      { "fashion-mnist": [] },
      /Searched: .*data \(mnist, mnist\/raw, .*\), also for mnist\.npz\. It holds nothing that resembles MNIST\./,
    ],
    ["a folder that isn't there", "mnist", {}, /DMBENCH_DATASETS_DIR is .*data, which is no folder that can be read\./],
    [
      "another data set's beginning of a name",
      "cifar-10",
      { "cifar-100-python": [] },
      /nothing that resembles CIFAR-10\./,
    ],
    [
      "files of other names",
      "mnist",
      { mnist: ["train-images-idx3-ubyte.zip", "notes.txt"] },
      /Near misses there: mnist\/train-images-idx3-ubyte\.zip\./,
    ],
    ["a folder of another name", "mnist", { MNIST_data: [] }, /Near misses there: MNIST_data\./],
    ["a misspelt folder", "fashion-mnist", { "fashon-mnist": [] }, /Near misses there: fashon-mnist\./],
  ])("names, where it finds no copy, %s", async (_what, slug, entries, message) => {
    for (const [folder, names] of Object.entries(entries))
      await put(`data/${folder}`, Object.fromEntries(names.map((name) => [name, Uint8Array.of(1)])));
    const options = { datasetsDir: join(root, "data"), cacheDir, systemDir: join(root, "system"), download: false };
    const failure = await loadStoredDataset(slug, options).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(DatasetUnavailableError);
    expect((failure as Error).message).toMatch(message);
  });
});
