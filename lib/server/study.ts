/** Reads the study that is published with the site: made by `dmbench study`, stored in `public/studies/`. */
import "server-only";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { cache } from "react";
import type { RegimeSummary, Study } from "@/lib/records";
import { studySchema } from "@/lib/records";

/** The address of the study's files, for downloads. */
export const studyAddress = "/studies/laptop";

const file = join(process.cwd(), "public", "studies", "laptop", "study.json");

let cachedStudy: Promise<Study> | null = null;

/**
 * The published study, read once.
 * @throws if the file is missing or isn't a study
 */
export const publishedStudy = cache(
  (): Promise<Study> => (cachedStudy ??= readFile(file, "utf8").then((text) => studySchema.parse(JSON.parse(text)))),
);

/** One regime of the study; null for an unknown name. */
export async function studyRegime(name: string): Promise<RegimeSummary | null> {
  const { summary } = await publishedStudy();
  return summary.regimes.find(({ regime }) => regime === name) ?? null;
}
