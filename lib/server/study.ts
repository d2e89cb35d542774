/**
 * The study that is published with the site: run by `dmbench study`, kept whole in `public/studies/`, read as it was
 * written.
 */
import "server-only";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { cache } from "react";
import type { RegimeSummary, Study } from "@/lib/records";
import { studySchema } from "@/lib/records";

/** Where the study's files lie, for downloads. */
export const studyAddress = "/studies/laptop";

const file = join(process.cwd(), "public", "studies", "laptop", "study.json");

let kept: Promise<Study> | null = null;

/** @throws where the file is missing or isn't a study */
export const publishedStudy = cache(
  (): Promise<Study> => (kept ??= readFile(file, "utf8").then((text) => studySchema.parse(JSON.parse(text)))),
);

/** One regime of it; null for an unknown name. */
export async function studyRegime(name: string): Promise<RegimeSummary | null> {
  const { summary } = await publishedStudy();
  return summary.regimes.find(({ regime }) => regime === name) ?? null;
}
