/** The tree of RFC 9162: its vectors, and its recursive definition. */
import { createHash } from "node:crypto";
import fc from "fast-check";
import { expect, it } from "vitest";
import { leafHash, MerkleTree } from "@/lib/server/dumps/merkle-tree";

const rootOf = (entries: readonly Uint8Array[]): string => {
  const tree = new MerkleTree();
  for (const entry of entries) tree.add(leafHash(entry));
  return tree.root();
};

// The entries and roots of the tests of Google's implementation of Certificate Transparency.
const entries = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"];
it.each([
  [0, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"],
  [1, "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"],
  [2, "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"],
  [3, "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77"],
  [8, "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"],
])("has the published root of %i entries", (count, root) => {
  expect(rootOf(entries.slice(0, count).map((entry) => Buffer.from(entry, "hex")))).toBe(root);
});

/** `MTH(D[n])` as section 2.1.1 writes it: split at the largest power of two below n. */
function treeHash(all: readonly Uint8Array[]): Buffer {
  const sha256 = (...parts: Uint8Array[]) => createHash("sha256").update(Buffer.concat(parts)).digest();
  if (all.length === 0) return sha256();
  if (all.length === 1) return sha256(Uint8Array.of(0), all[0]!);
  const split = 2 ** Math.ceil(Math.log2(all.length) - 1);
  return sha256(Uint8Array.of(1), treeHash(all.slice(0, split)), treeHash(all.slice(split)));
}

it("is the tree that its definition gives, for any entries", () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 9 }), { maxLength: 70 }), (all) => {
      expect(rootOf(all)).toBe(treeHash(all).toString("hex"));
    }),
  );
});
