import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, describe, expect, it, vi } from "vitest";
import { ArtifactDamaged, folderStore, getIntact, sha256 } from "@/lib/server/artifacts";

describe("the artifact store", () => {
  const folder = mkdtempSync(join(tmpdir(), "dmbench-artifacts-"));
  afterAll(() => rmSync(folder, { recursive: true }));
  const store = folderStore(folder);

  /** Anything that a disk, or a person, can make of a file: changed, cut off, longer, another one. */
  const damage = fc.oneof(
    fc.record({ at: fc.nat(), xor: fc.integer({ min: 1, max: 255 }) }).map(({ at, xor }) => (bytes: Uint8Array) => {
      const changed = Uint8Array.from(bytes);
      changed[at % bytes.length]! ^= xor;
      return changed;
    }),
    fc.nat().map((length) => (bytes: Uint8Array) => bytes.slice(0, length % bytes.length)),
    fc.uint8Array({ minLength: 1, maxLength: 64 }).map((more) => (bytes: Uint8Array) => Buffer.concat([bytes, more])),
    fc.uint8Array({ maxLength: 300 }).map((other) => () => other),
  );

  it("returns the bytes that were stored, and never others", async () => {
    vi.spyOn(console, "error").mockImplementation(() => {});
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ minLength: 1, maxLength: 300 }), damage, async (bytes, damaged) => {
        const artifact = { key: "predictions/some.safetensors", hash: sha256(bytes) };
        await store.put(artifact.key, bytes);
        expect(Buffer.compare((await store.get(artifact))!, bytes)).toBe(0);
        const file = join(folder, artifact.key);
        writeFileSync(file, damaged(bytes));
        fc.pre(Buffer.compare(readFileSync(file), bytes) !== 0);
        await expect(store.get(artifact)).rejects.toThrow(ArtifactDamaged);
        expect(await getIntact(store, artifact)).toBeNull();
        await store.put(artifact.key, bytes); // as an import repairs it
        expect(Buffer.compare((await store.get(artifact))!, bytes)).toBe(0);
      }),
      { numRuns: 100 },
    );
    vi.restoreAllMocks();
  });

  it("reports a file that is gone", async () => {
    const logged = vi.spyOn(console, "error").mockImplementation(() => {});
    expect(await getIntact(store, { key: "predictions/none.safetensors", hash: sha256("") })).toBeNull();
    expect(logged).toHaveBeenCalledWith("predictions/none.safetensors: the file is gone");
    vi.restoreAllMocks();
  });

  it("waits five seconds for a store that is silent, and no longer", async () => {
    const logged = vi.spyOn(console, "error").mockImplementation(() => {});
    const silent = { ...store, get: () => new Promise<null>(() => {}) };
    expect(await getIntact(silent, { key: "predictions/some.safetensors", hash: sha256("") })).toBeNull();
    expect(logged).toHaveBeenCalledWith("predictions/some.safetensors: not read within 5 s");
    vi.restoreAllMocks();
  });
});
