/** A folder's SHA256SUMS, in the format of `sha256sum`. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { writeWhole } from "./output";

const CHECKSUMS = "SHA256SUMS";

/** SHA-256 of each file, by its name. */
export async function readChecksums(folder: string): Promise<Map<string, string>> {
  const text = await readFile(join(folder, CHECKSUMS), "utf8").catch(() => "");
  return new Map(
    text.split("\n").flatMap((line): [string, string][] => {
      const [hash, file] = line.split("  ");
      return hash && file ? [[file, hash]] : [];
    }),
  );
}

/** Adds files to SHA256SUMS, or replaces what it says of them. */
export async function writeChecksums(folder: string, checksums: ReadonlyMap<string, string>): Promise<void> {
  const all = [...new Map([...(await readChecksums(folder)), ...checksums])].sort(([a], [b]) => (a < b ? -1 : 1));
  await writeWhole(join(folder, CHECKSUMS), all.map(([file, hash]) => `${hash}  ${file}\n`).join(""));
}
