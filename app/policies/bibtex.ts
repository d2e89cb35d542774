/** A policy as a BibTeX entry. */

interface Citation {
  slug: string;
  name: string;
  /** Who published it here; null for a built-in. */
  author: string | null;
  source: { title: string; url: string | null } | null;
  /** SHA-256 of the canonical document: what the entry is about, whatever the site becomes. */
  hash: string;
  createdAt: Date;
}

/** @param origin of this site, as readers reach it */
export function bibtex({ slug, name, author, source, hash, createdAt }: Citation, origin: string): string {
  const fields = {
    title: `{${escaped(name)}: a momentum policy for batch normalization}`,
    author: `{${escaped(author ?? "DMBench")}}`,
    year: `{${createdAt.getUTCFullYear()}}`,
    howpublished: `{\\url{${origin}/policies/${encodeURIComponent(slug)}}}`,
    note: `{${source ? `After ${escaped(source.title)}. ` : ""}SHA-256 ${hash}}`,
  };
  const key = `dmbench-${slug.replace(/[^\w.-]/g, "")}`;
  return `@misc{${key},\n${Object.entries(fields).map(([field, value]) => `  ${field} = ${value},`).join("\n")}\n}`;
}

const commands: Record<string, string> = { "\\": "\\textbackslash{}", "~": "\\textasciitilde{}", "^": "\\textasciicircum{}" };

/** Text that TeX prints as it stands. */
const escaped = (text: string): string => text.replace(/[\\~^{}&%$#_]/g, (character) => commands[character] ?? `\\${character}`);
