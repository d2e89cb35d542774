/** The map that is published with the site is what its cells give. */
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { gunzipSync } from "node:zlib";
import { expect, it } from "vitest";
import { mapRegimes } from "@/lib/cli/map/design";
import { mapCsv } from "@/lib/cli/map/report";
import { summarizeMap } from "@/lib/cli/map/summary";
import { mapCellSchema, mapSchema } from "@/lib/records";

const folder = fileURLToPath(new URL("../../public/map", import.meta.url));

it("the published map's summary and table follow from its cells", async () => {
  const map = mapSchema.parse(JSON.parse(await readFile(join(folder, "map.json"), "utf8")));
  const names = await readdir(join(folder, "cells"));
  const cells = await Promise.all(
    names.map(async (name) =>
      mapCellSchema.parse(JSON.parse(gunzipSync(await readFile(join(folder, "cells", name))).toString())),
    ),
  );
  const order = mapRegimes.map(({ slug }) => slug);
  cells.sort((a, b) => a.manifest.seed - b.manifest.seed || order.indexOf(a.regime) - order.indexOf(b.regime));
  expect(cells).toHaveLength(map.finished);
  expect(summarizeMap(cells)).toEqual(map.places);
  expect(await readFile(join(folder, "map.csv"), "utf8")).toBe(mapCsv(map));
});
