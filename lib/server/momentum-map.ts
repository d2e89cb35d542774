/** Reads the map of momenta that is published with the site: made by `dmbench map`, stored in `public/map/`. */
import "server-only";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { MomentumMap } from "@/lib/records";
import { mapSchema } from "@/lib/records";

/** The address of the map's files, for downloads. */
export const mapAddress = "/map";

const file = join(process.cwd(), "public", "map", "map.json");

let cachedMap: MomentumMap | null = null;

/**
 * The published map, read once; null if there is none yet.
 * @throws if the file isn't a map
 */
export async function publishedMap(): Promise<MomentumMap | null> {
  if (cachedMap) return cachedMap;
  const text = await readFile(file, "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return null;
    throw error;
  });
  if (text !== null) cachedMap = mapSchema.parse(JSON.parse(text));
  return cachedMap;
}
