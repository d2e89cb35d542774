/**
 * What is announced of a held-out run before anything is scored on it. It binds the site to the run, and tells nobody
 * which one it is: a plain SHA-256 could be searched for by training with every seed. The key is shown when the run is
 * retired; `/docs/method` says how to check it.
 */
import "server-only";
import { createHmac } from "node:crypto";

/** A run's own key, of so many random bytes. */
export const commitmentKeyBytes = 32;

/** HMAC-SHA-256 of `SEED SHA256` under the run's key, in hexadecimal; null for a run whose SHA-256 was announced. */
export function commitmentOf(run: {
  commitmentKey: Uint8Array | null;
  seed: bigint | number | string;
  artifactHash: string;
}): string | null {
  const { commitmentKey, seed, artifactHash } = run;
  return commitmentKey && createHmac("sha256", commitmentKey).update(`${seed} ${artifactHash}`).digest("hex");
}
