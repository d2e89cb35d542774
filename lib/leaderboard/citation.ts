/** Citations of boards, policies and runs: BibTeX, and CITATION.cff 1.2.0. */
import { latexText } from "./export/latex-text";

export interface Cited {
  /** The citation key, without its prefix. */
  key: string;
  title: string;
  /** Who published it; null for the site itself. */
  author: string | null;
  /** Path below the site's origin. */
  path: string;
  published: Date;
  /** A hash or a version, by which it can be verified without this site. */
  note: string;
}

export const citationFormats = ["bibtex", "cff"] as const;

/**
 * An entry for any style, without a package such as url. Inner braces keep titles as they are written and authors whole.
 * @param origin of this site, as readers reach it
 */
export function bibtex({ key, title, author, path, published, note }: Cited, origin: string): string {
  const fields = {
    title: `{{${latexText(title)}}}`,
    author: `{{${latexText(author ?? "DMBench")}}}`,
    year: `{${published.getUTCFullYear()}}`,
    howpublished: `{\\texttt{${latexText(`${origin}${path}`)}}}`,
    note: `{${latexText(note)}}`,
  };
  return `@misc{dmbench-${key.replace(/[^\w.-]/g, "")},\n${Object.entries(fields)
    .map(([field, value]) => `  ${field} = ${value},`)
    .join("\n")}\n}\n`;
}

/** CITATION.cff; each value is a JSON string, which is valid YAML. */
export function citationFile({ title, author, path, published, note }: Cited, origin: string): string {
  return [
    "cff-version: 1.2.0",
    'message: "If you use this result, please cite it as below."',
    "type: dataset",
    `title: ${JSON.stringify(title)}`,
    "authors:",
    `  - name: ${JSON.stringify(author ?? "DMBench")}`,
    `date-released: ${published.toISOString().slice(0, 10)}`,
    `url: ${JSON.stringify(`${origin}${path}`)}`,
    `abstract: ${JSON.stringify(note)}`,
    "",
  ].join("\n");
}

interface CitedPolicy {
  slug: string;
  name: string;
  author: string | null;
  source: { title: string } | null;
  /** SHA-256 of the canonical document. */
  hash: string;
  createdAt: Date;
}

export const citedPolicy = ({ slug, name, author, source, hash, createdAt }: CitedPolicy): Cited => ({
  key: slug,
  title: `${name}: a momentum policy for batch normalization`,
  author,
  path: `/policies/${encodeURIComponent(slug)}`,
  published: createdAt,
  note: `${source ? `After ${source.title}. ` : ""}SHA-256 ${hash}`,
});

export const citedRun = ({
  id,
  title,
  user,
  createdAt,
  predictionsHash,
}: {
  id: string;
  title: string;
  user: string | null;
  createdAt: Date;
  predictionsHash: string;
}): Cited => ({
  key: `run-${id}`,
  title: `${title}: a training run on DMBench`,
  author: user,
  path: `/runs/${id}`,
  published: createdAt,
  note: `Predictions: SHA-256 ${predictionsHash}`,
});

/** @param asOf when the board last changed */
export const citedBoard = ({
  slug,
  version,
  title,
  asOf,
}: {
  slug: string;
  version: number;
  title: string;
  asOf: Date;
}): Cited => ({
  key: `${slug}-v${version}`,
  title: `${title}: a leaderboard of batch-normalization momentum`,
  author: null,
  path: `/leaderboard/${slug}?version=${version}`,
  published: asOf,
  note: `Version ${version}, as of ${asOf.toISOString().slice(0, 10)}`,
});
