/** Fetches another site's dump: each file is compared with the manifest while it arrives. */
import "server-only";
import { createHash } from "node:crypto";
import { mkdtemp, open, rm, statfs, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { z } from "zod";
import { describeValue } from "@/lib/records";
import { OperationError } from "../backup/operation-error";
import type { Manifest } from "./manifest";
import { fileOf, manifestBytes, manifestName, parseManifest } from "./manifest";

/** A server that sends nothing for so long is given up, in ms. */
const silenceMs = 30_000;

/** More than any list of dumps has. */
const listBytes = 10_000_000;

const listSchema = z.object({ dumps: z.array(z.object({ manifest: z.string() })) });

/**
 * Fetches a dump into a temporary folder, which is removed once `use` has ended.
 * @param address a dump's (the folder of its manifest, or the manifest), or a site's, whose newest dump it is then
 * @param onFile called after each file
 * @throws OperationError if it can't be fetched, or is not what its manifest says
 */
export async function withFetchedDump<Result>(
  address: string,
  use: (folder: string) => Promise<Result>,
  { onFile }: { onFile?: (files: number, of: number) => void } = {},
): Promise<Result> {
  const base = await dumpAddress(address);
  const { text, manifest } = await fetchManifest(base);
  const folder = await mkdtemp(path.join(tmpdir(), "dmbench-import-"));
  const clean = () => rm(folder, { recursive: true, force: true });
  try {
    await requireSpace(folder, manifest);
    for (const [i, table] of manifest.tables.entries()) {
      await fetchFile(new URL(fileOf(table.name), base), path.join(folder, fileOf(table.name)), table);
      onFile?.(i + 1, manifest.tables.length);
    }
    await writeFile(path.join(folder, manifestName), text);
    return await use(folder);
  } finally {
    await clean();
  }
}

/** The manifest of a site's newest dump; null if it has none. @throws OperationError */
export async function newestManifest(site: string): Promise<{ address: string; manifest: Manifest } | null> {
  const newest = await newestDump(new URL(site));
  return newest && { address: newest.href, manifest: (await fetchManifest(newest)).manifest };
}

/** The address of a dump's folder, with a slash at its end. */
async function dumpAddress(address: string): Promise<URL> {
  if (!URL.canParse(address)) throw new OperationError(`Expected an address, found ${describeValue(address)}.`);
  const url = new URL(address);
  if (url.pathname !== "/") return new URL(`${url.origin}${url.pathname.replace(/\/(manifest\.json)?$/, "")}/`);
  const newest = await newestDump(url);
  if (!newest) throw new OperationError(`${url.origin} has no dump: /api/v1/dumps lists none.`);
  return newest;
}

async function newestDump({ origin }: URL): Promise<URL | null> {
  const list = `${origin}/api/v1/dumps`;
  const text = await fetchText(new URL(list), listBytes);
  const json = listSchema.safeParse(jsonOrNull(text));
  if (!json.success)
    throw new OperationError(
      `${list}: expected a list of dumps as JSON, found ${describeValue(text.slice(0, 40))}. Is it a DMBench site?`,
    );
  const [newest] = json.data.dumps;
  return newest ? new URL(".", new URL(newest.manifest, list)) : null;
}

async function fetchManifest(base: URL): Promise<{ text: string; manifest: Manifest }> {
  const url = new URL(manifestName, base);
  const text = await fetchText(url, manifestBytes);
  if (jsonOrNull(text) === null)
    throw new OperationError(
      `${url.href}: expected the manifest of a dump as JSON, found ${describeValue(text.slice(0, 40))}. Nothing was ` +
        "stored; name a site (https://bench.example), or the folder of a dump.",
    );
  return { text, manifest: parseManifest(text, url.href) };
}

const jsonOrNull = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
};

async function fetchText(url: URL, limitBytes: number): Promise<string> {
  const parts: Uint8Array[] = [];
  let bytes = 0;
  for await (const part of partsOf(url)) {
    bytes += part.length;
    if (bytes > limitBytes) throw tooLarge(url, limitBytes);
    parts.push(part);
  }
  return Buffer.concat(parts).toString();
}

/** Writes a file that has the size and the hash that the manifest says. */
async function fetchFile(url: URL, file: string, expected: { bytes: number; sha256: string }): Promise<void> {
  const hash = createHash("sha256");
  let bytes = 0;
  const handle = await open(file, "wx");
  try {
    for await (const part of partsOf(url)) {
      bytes += part.length;
      if (bytes > expected.bytes) throw tooLarge(url, expected.bytes);
      hash.update(part);
      await handle.writeFile(part);
    }
  } finally {
    await handle.close();
  }
  const found = hash.digest("hex");
  if (found !== expected.sha256)
    throw new OperationError(
      `${url.href}: expected ${expected.bytes} bytes of SHA-256 ${expected.sha256}, found ${bytes} of ${found}. ` +
        "Nothing was stored; fetch the dump again.",
    );
}

const tooLarge = (url: URL, bytes: number): OperationError =>
  new OperationError(`${url.href}: expected at most ${bytes} bytes, found more. Nothing was stored.`);

/** The body of an answer, as it arrives. @throws OperationError unless it is a whole one of status 200 */
async function* partsOf(url: URL): AsyncGenerator<Uint8Array> {
  const silence = new AbortController();
  const timer = setTimeout(() => silence.abort(new Error(`nothing came for ${silenceMs / 1000} s`)), silenceMs);
  try {
    const ask = () => fetch(url, { signal: silence.signal });
    const response = await ask().catch(ask); // once more: a server may close a kept connection just as it is used again
    if (response.status !== 200) {
      silence.abort();
      throw new OperationError(
        `${url.href}: expected a file, found an answer of status ${response.status}. Nothing was stored; name a site ` +
          "(https://bench.example), or the folder of a dump.",
      );
    }
    for await (const part of response.body ?? []) {
      timer.refresh();
      yield part as Uint8Array;
    }
  } catch (error) {
    if (error instanceof OperationError) throw error;
    const { code, message } = ((error as Error).cause ?? error) as NodeJS.ErrnoException;
    throw new OperationError(`${url.href} can't be fetched (${code ?? message}). Nothing was stored; try again.`);
  } finally {
    clearTimeout(timer);
  }
}

/** @throws OperationError if the disk can't take the files */
async function requireSpace(folder: string, { tables }: Manifest): Promise<void> {
  const needed = tables.reduce((sum, { bytes }) => sum + bytes, 0);
  const { bavail, bsize } = await statfs(folder);
  if (needed <= bavail * bsize) return;
  const megabytes = (bytes: number) => Math.ceil(bytes / 1e6).toLocaleString("en");
  throw new OperationError(
    `The dump has ${megabytes(needed)} MB, and the disk with ${tmpdir()} ${megabytes(bavail * bsize)} MB free. Nothing ` +
      "was stored; free some space, or name another folder in TMPDIR.",
  );
}
