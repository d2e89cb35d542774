/** Citations, as the API serves them. */
import { z } from "zod";
import type { Cited } from "@/lib/leaderboard";
import { bibtex, citationFile, citationFormats } from "@/lib/leaderboard";
import { siteOrigin } from "@/lib/server/site-origin";

export const citationQuerySchema = z.strictObject({
  format: z.enum(citationFormats).default("bibtex").describe("BibTeX, or CITATION.cff 1.2.0"),
});

export const citationMedia = ["text/x-bibtex", "application/yaml"] as const;

/** A citation as a file, with this site's public address in it. */
export function citation(cited: Cited, format: (typeof citationFormats)[number], request: Request): Response {
  const origin = siteOrigin(request.headers);
  const [text, type, name] =
    format === "bibtex"
      ? [bibtex(cited, origin), citationMedia[0], `dmbench-${cited.key}.bib`]
      : [citationFile(cited, origin), citationMedia[1], "CITATION.cff"];
  return new Response(text, {
    headers: {
      "content-type": `${type}; charset=utf-8`,
      "content-disposition": `inline; filename="${name}"`,
      "cache-control": "no-cache",
      "x-content-type-options": "nosniff",
    },
  });
}
