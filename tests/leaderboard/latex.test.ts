/** Exported tables and citations, compiled by pdfLaTeX with booktabs alone. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, describe, expect, it } from "vitest";
import { builtInPolicies } from "@/lib/dmbn/policy";
import type { BoardEntry } from "@/lib/leaderboard";
import {
  bibtex,
  boardColumns,
  changeView,
  citedPolicy,
  exportFormats,
  policyRule,
  readBoardView,
} from "@/lib/leaderboard";
import { isText } from "@/lib/records/text";
import { randomExpression } from "../dmbn/policy/random-expression";
import { compileLatex, hasLatex } from "../support/latex";
import { rows } from "./a-row";

const folder = mkdtempSync(join(tmpdir(), "dmbench-latex-"));
afterAll(() => rmSync(folder, { recursive: true }));

/** Names that the site accepts: of any characters, and of those that TeX reads as commands. */
const name = fc
  .oneof(
    fc.string({ unit: "binary", minLength: 1, maxLength: 12 }),
    fc.string({ unit: "grapheme", minLength: 1, maxLength: 12 }),
    fc.string({
      unit: fc.constantFrom(..."\\{}$&#%_^~[]*`'\"-,<>|@=!?; ", "\\\\", "\\end", "%\\"),
      minLength: 1,
      maxLength: 12,
    }),
    fc.string({ unit: fc.constantFrom(..."ηₗ₀σ̂κμ⌊∛²ⁿ½′±−–·≠∉éÅőßłŁı中й😀ﬁⅧ𝛽‖"), minLength: 1, maxLength: 12 }),
  )
  .map((text) => text.normalize("NFC").trim())
  .filter(isText);

const [row] = fc.sample(rows, { numRuns: 1, seed: 1 });
const entry = (policy: Partial<BoardEntry["policy"]>): BoardEntry => ({
  ...row!,
  policy: { ...row!.policy, ...policy },
});

const document = (body: string) =>
  `\\documentclass{article}\n\\usepackage{booktabs}\n\\begin{document}\n${body}\n\\end{document}\n`;

describe.skipIf(!hasLatex())("with pdfLaTeX (skipped without it: apt-get install texlive-latex-recommended)", () => {
  it("boards compile: every built-in policy, and arbitrary names, authors, rules and titles", () => {
    const published = builtInPolicies.map(({ slug, name, document, rule }) =>
      entry({ slug, name, rule, kind: document.kind, builtIn: true, author: null }),
    );
    const written = builtInPolicies.map(({ name, document }) =>
      entry({ name, rule: policyRule(document), kind: document.kind, builtIn: false, author: name }),
    );
    const expressions = fc
      .sample(randomExpression, { numRuns: 200, seed: 3 })
      .filter(({ text }) => text.length < 200)
      .map(({ text }) => entry({ name: "random", rule: text, kind: "schedule", builtIn: false }));
    const names = fc
      .sample(fc.tuple(name, name, name), { numRuns: 1200, seed: 4 })
      .map(([name, rule, author]) => entry({ name, rule, kind: "select", builtIn: false, author }));
    const titles = fc.sample(name, { numRuns: 40, seed: 5 });
    const all = [...published, ...written, ...expressions, ...names];
    const view = changeView(readBoardView({}), { columns: [...boardColumns] });
    const tables = titles.map((title, index) => {
      const part = all.filter((_, at) => at % titles.length === index);
      return exportFormats.latex.write({ benchmark: { slug: "digits-mlp", version: 1, title }, view, rows: part });
    });
    writeFileSync(join(folder, "boards.tex"), document(tables.join("\\clearpage\n")));
    expect(compileLatex(folder, "boards")).not.toContain("Missing character");
  });

  it("citations compile with BibTeX's plain style: every built-in policy, and arbitrary names and authors", () => {
    const published = builtInPolicies.map(({ slug, name, source }) => ({ slug, name, source, author: null }));
    const submitted = fc
      .sample(fc.tuple(name, name, name), { numRuns: 400, seed: 6 })
      .map(([name, author, title], index) => ({ slug: `policy-${index}`, name, author, source: { title } }));
    const entries = [...published, ...submitted].map((policy) =>
      bibtex(citedPolicy({ ...policy, hash: "00ff", createdAt: new Date("2026-11-22") }), "https://bench.example"),
    );
    writeFileSync(join(folder, "citations.bib"), entries.join("\n"));
    writeFileSync(
      join(folder, "citations.tex"),
      document("\\nocite{*}\n\\bibliographystyle{plain}\n\\bibliography{citations}"),
    );
    const log = compileLatex(folder, "citations", { bibliography: true });
    expect(log).not.toMatch(/Missing character|Warning--|error message/);
  });
});
