/** The cells of a study, from its folder, in the order in which they are summarized. */
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import type { StudyCell } from "@/lib/records";
import { studyCellSchema, variantNames } from "@/lib/records";

export async function readCells(folder: string): Promise<StudyCell[]> {
  const names = (await readdir(join(folder, "cells"))).sort();
  const cells = await Promise.all(
    names.map(async (name) =>
      studyCellSchema.parse(JSON.parse(gunzipSync(await readFile(join(folder, "cells", name))).toString())),
    ),
  );
  const place = ({ manifest: { seed, variant } }: StudyCell) => 100 * seed + variantNames.indexOf(variant);
  return cells.sort((a, b) => place(a) - place(b));
}
