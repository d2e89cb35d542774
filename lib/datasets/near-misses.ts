/** Where a data set was looked for in the user's folder, and what is there that resembles it. For Node only. */
import { readdir } from "node:fs/promises";
import { basename, join, sep } from "node:path";
import { distance } from "fastest-levenshtein";
import { copyPaths } from "./copies";
import type { DatasetInfo } from "./dataset";
import { datasets } from "./registry";

/** Name at most this many. */
const MOST = 5;

/** One or two sentences for an error: the folder that was searched, and the near misses in it. */
export async function describeSearch(info: DatasetInfo, datasetsDir: string | null | undefined): Promise<string> {
  if (!datasetsDir) return "DMBENCH_DATASETS_DIR is not set.";
  const { folder, otherFolders = [] } = info;
  const entries = await readdir(/* turbopackIgnore: true */ datasetsDir).catch(() => null);
  if (!entries) return `DMBENCH_DATASETS_DIR is ${datasetsDir}, which is no folder that can be read.`;
  const copies = [...new Set(copyPaths(info).map((path) => basename(path)))];
  const also = copies.length > 0 ? `, also for ${copies.join(", ")}` : "";
  const searched = `Searched: ${datasetsDir} (${[folder, ...otherFolders].join(", ")})${also}.`;
  const misses = await nearMisses(info, datasetsDir, entries);
  if (misses.length === 0) return `${searched} It holds nothing that resembles ${info.name}.`;
  const more = misses.length > MOST ? ` and ${misses.length - MOST} more` : "";
  return `${searched} Near misses there: ${misses.slice(0, MOST).join(", ")}${more}.`;
}

async function nearMisses(info: DatasetInfo, datasetsDir: string, entries: readonly string[]): Promise<string[]> {
  const { folder, otherFolders = [] } = info;
  const resembling = entries.filter((entry) => belongsTo(info, entry));
  const folders = [...new Set([...resembling, folder, ...otherFolders])];
  const inside = await Promise.all(
    folders.map(async (name) => {
      const files = await readdir(join(/* turbopackIgnore: true */ datasetsDir, name)).catch(() => []);
      return files.filter((file) => resemblesFile(info, file)).map((file) => join(name, file));
    }),
  );
  const found = inside.flat();
  const alone = resembling.filter((entry) => !found.some((path) => path.startsWith(join(entry, sep))));
  return [...alone, ...found];
}

/** Whether an entry's name begins with the data set's, and with no longer name of another. */
function belongsTo(info: DatasetInfo, entry: string): boolean {
  const name = plain(entry);
  const known = [...new Set([info.folder, ...datasets.map(({ folder }) => folder)])].map(plain);
  const longest = known.filter((folder) => name.startsWith(folder)).sort((a, b) => b.length - a.length)[0];
  return longest === plain(info.folder) || (longest === undefined && distance(name, plain(info.folder)) === 1);
}

/** Whether a name differs from a published file's by at most four letters. */
const resemblesFile = ({ files }: DatasetInfo, name: string): boolean =>
  files.some((file) => distance(name.toLowerCase(), file.name.replace(/\.gz$/, "")) <= 4);

/** Letters and digits alone: `FashionMNIST` and `fashion-mnist` are one name. */
const plain = (name: string): string => name.toLowerCase().replace(/[^a-z0-9]/g, "");
