/** The study published with the site is as `dmbench study` wrote it, and its summary follows from its cells. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { studyCsv, studyMarkdown } from "@/lib/cli/study/report";
import { summarizeStudy } from "@/lib/cli/study/summary";
import { staticSweep } from "@/lib/dmbn/policy";
import { studySchema } from "@/lib/records";

const folder = fileURLToPath(new URL("../../public/studies/laptop", import.meta.url));
const text = (name: string) => readFile(join(folder, name), "utf8");

test("the published study's summary and files follow from its cells", async () => {
  const study = studySchema.parse(JSON.parse(await text("study.json")));
  expect(study.summary).toEqual(summarizeStudy(study.cells, staticSweep));
  expect(await text("study.csv")).toBe(studyCsv(study));
  expect(await text("study.md")).toBe(studyMarkdown(study));
});
