/** Steps of `npm start` that write files made from sources: run again only when the sources have changed. */
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import path from "node:path";

/**
 * Runs `make` unless it ran for the same files and the same Node before; their hash is stored in `record`. The record
 * is deleted first and written last, so that a step that was interrupted is repeated.
 * @param node whose version counts; "any" if what is made is the same for each
 */
export async function once(
  title: string,
  record: string,
  files: readonly string[],
  make: () => Promise<void>,
  { node = process.version }: { node?: string } = {},
): Promise<void> {
  const hash = createHash("sha256").update(node);
  for (const file of files.flatMap(filesIn).sort()) hash.update(`${file}\0`).update(readFileSync(file));
  const digest = hash.digest("hex");
  if (existsSync(record) && readFileSync(record, "utf8") === digest) return;
  console.log(`${title} …`);
  rmSync(record, { force: true });
  await make();
  writeFileSync(record, digest);
}

/** The files of a folder, or the file itself. Not those of a `dist`: the library's package is built while sites start. */
function filesIn(name: string): string[] {
  if (!existsSync(name)) return [];
  if (statSync(name).isFile()) return [name];
  const entries = readdirSync(name).filter((entry) => entry !== "dist");
  return entries.flatMap((entry) => filesIn(path.join(name, entry)));
}
