/** The files of a folder, as its SHA256SUMS lists them. */
import "server-only";
import { readFile } from "node:fs/promises";
import path from "node:path";

export async function readChecksums(folder: string): Promise<{ hash: string; name: string }[]> {
  const text = await readFile(path.join(/* turbopackIgnore: true */ folder, "SHA256SUMS"), "utf8").catch(() => "");
  return text.split("\n").flatMap((line) => {
    const [, hash, name] = /^([0-9a-f]{64}) [ *]([\w.-]+)$/.exec(line) ?? [];
    return hash && name ? [{ hash, name }] : [];
  });
}
