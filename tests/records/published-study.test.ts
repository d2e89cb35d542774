/** The study published with the site is as `dmbench study` wrote it, and its summary follows from its cells. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { gunzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { studyCsv, studyMarkdown } from "@/lib/cli/study/report";
import { summarizeStudy } from "@/lib/cli/study/summary";
import { studySchema } from "@/lib/records";
import { readCells } from "../support/study-cells";

const folder = fileURLToPath(new URL("../../public/studies/dissertation", import.meta.url));

test("the published study's summary and files follow from its cells", async () => {
  const study = studySchema.parse(JSON.parse(await readFile(join(folder, "study.json"), "utf8")));
  const cells = await readCells(folder);
  expect(cells).toHaveLength(study.finished);
  // Regimes stand in the suite's order, cells of a folder in that of their names.
  const order = study.summary.regimes.map(({ regime }) => regime);
  cells.sort((a, b) => a.manifest.seed - b.manifest.seed || order.indexOf(a.regime) - order.indexOf(b.regime));
  expect(study.summary).toEqual(summarizeStudy(cells));
  expect(gunzipSync(await readFile(join(folder, "study.csv.gz"))).toString()).toBe(studyCsv(cells));
  expect(await readFile(join(folder, "study.md"), "utf8")).toBe(studyMarkdown(study));
});
