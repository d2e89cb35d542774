/**
 * The root of a Merkle tree over entries in their order: RFC 9162, section 2.1.1, with SHA-256. Whoever has the entries
 * computes the same root, and a single changed, added or missing entry gives another.
 */
import { createHash } from "node:crypto";

const sha256 = (...parts: readonly Uint8Array[]): Buffer => {
  const hash = createHash("sha256");
  for (const part of parts) hash.update(part);
  return hash.digest();
};

const node = Uint8Array.of(1);

/** The leaf of an entry. */
export const leafHash = (entry: Uint8Array): Buffer => sha256(Uint8Array.of(0), entry);

/** Takes leaves one by one, and keeps one hash for each power of two among their number. */
export class MerkleTree {
  /** Roots of whole subtrees, the largest first. */
  readonly #subtrees: { entries: number; root: Buffer }[] = [];

  add(leaf: Buffer): void {
    let last = { entries: 1, root: leaf };
    while (this.#subtrees.at(-1)?.entries === last.entries) {
      const { root } = this.#subtrees.pop()!;
      last = { entries: 2 * last.entries, root: sha256(node, root, last.root) };
    }
    this.#subtrees.push(last);
  }

  /** In hexadecimal; of no entries, the SHA-256 of nothing. */
  root(): string {
    const roots = this.#subtrees.map(({ root }) => root);
    const root = roots.length > 0 ? roots.reduceRight((right, left) => sha256(node, left, right)) : sha256();
    return root.toString("hex");
  }
}
