/** The studies published with the site are as `dmbench study` wrote them; their summaries follow from their cells. */
import { readdirSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { gunzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { outcomesOf, registeredFor } from "@/lib/cli/study/registered";
import { studyCsv, studyMarkdown } from "@/lib/cli/study/report";
import { rounded } from "@/lib/cli/study/rounded";
import type { SuiteName } from "@/lib/cli/study/suites";
import { summarizeStudy } from "@/lib/cli/study/summary";
import { studySchema } from "@/lib/records";
import { readCells } from "../support/study-cells";

const studies = fileURLToPath(new URL("../../public/studies", import.meta.url));

test.each(readdirSync(studies))("the summary and files of the study %s follow from its cells", async (suite) => {
  const folder = join(studies, suite);
  const study = studySchema.parse(JSON.parse(await readFile(join(folder, "study.json"), "utf8")));
  const cells = await readCells(folder);
  expect(cells).toHaveLength(study.finished);
  // Regimes stand in the suite's order, cells of a folder in that of their names.
  const order = study.summary.regimes.map(({ regime }) => regime);
  cells.sort((a, b) => a.manifest.seed - b.manifest.seed || order.indexOf(a.regime) - order.indexOf(b.regime));
  expect(study.summary).toEqual(summarizeStudy(cells));
  const registered = registeredFor[study.suite as SuiteName];
  expect(study.registered).toEqual(registered && rounded(outcomesOf(registered, cells), 9));
  expect(gunzipSync(await readFile(join(folder, "study.csv.gz"))).toString()).toBe(studyCsv(cells));
  expect(await readFile(join(folder, "study.md"), "utf8")).toBe(studyMarkdown(study));
});
