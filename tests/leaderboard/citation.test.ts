import { describe, expect, it } from "vitest";
import { badge, bibtex, citationFile, citedBoard, citedPolicy, citedRun } from "@/lib/leaderboard";

const policy = citedPolicy({
  slug: "a-b",
  name: "100 % {β}_1 \\input ~ #1",
  author: "A & B",
  source: { title: "x_y^2" },
  hash: "00ff",
  createdAt: new Date("2026-11-22"),
});

describe("BibTeX", () => {
  it("prints names literally, with TeX's special characters escaped", () => {
    expect(bibtex(policy, "https://site")).toBe(
      [
        "@misc{dmbench-a-b,",
        "  title = {{100 \\% $\\lbrace \\beta \\rbrace$\\_1 \\textbackslash{}input \\textasciitilde{} \\#1: " +
          "a momentum policy for batch normalization}},",
        "  author = {{A \\& B}},",
        "  year = {2026},",
        "  howpublished = {\\texttt{https://site/policies/a-b}},",
        "  note = {After x\\_y\\textasciicircum{}2. SHA-256 00ff},",
        "}",
        "",
      ].join("\n"),
    );
  });
});

describe("CITATION.cff", () => {
  it("has the fields that version 1.2.0 requires, with quoted text", () => {
    const run = citedRun({
      id: "7",
      title: 'A "quoted": title',
      user: null,
      createdAt: new Date("2026-11-22"),
      predictionsHash: "ab",
    });
    expect(citationFile(run, "https://site").split("\n")).toEqual([
      "cff-version: 1.2.0",
      'message: "If you use this result, please cite it as below."',
      "type: dataset",
      'title: "A \\"quoted\\": title: a training run on DMBench"',
      "authors:",
      '  - name: "DMBench"',
      "date-released: 2026-11-22",
      'url: "https://site/runs/7"',
      'abstract: "Predictions: SHA-256 ab"',
      "",
    ]);
  });

  it("gives the date as of which a board is cited", () => {
    const board = citedBoard({
      slug: "digits-mlp",
      version: 2,
      title: "Digits",
      asOf: new Date("2026-11-21T23:00:00Z"),
    });
    expect(citationFile(board, "https://site")).toContain('abstract: "Version 2, as of 2026-11-21"');
    expect(bibtex(board, "https://site")).toContain("\\texttt{https://site/leaderboard/digits-mlp?version=2}");
  });
});

describe("a badge", () => {
  it("escapes its text and drops characters that XML doesn't allow", () => {
    const svg = badge({ label: `<script>"&'`, message: `a\u0000b\u001b` });
    expect(svg).toContain("&lt;script&gt;&quot;&amp;&apos;");
    expect(svg).not.toContain("<script>");
    expect(svg).not.toMatch(/\p{Cc}/u);
    expect(svg).toContain(">ab<");
  });

  it("has a limited width", () => {
    expect(Number(/width="(\d+)"/.exec(badge({ label: "x".repeat(500), message: "y" }))![1])).toBeLessThan(600);
  });
});
