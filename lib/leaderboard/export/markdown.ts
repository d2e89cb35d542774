/** Tables in GitHub's Markdown. */

export const markdownTable = (
  columns: readonly { head: string; numeric: boolean }[],
  rows: readonly (readonly string[])[],
): string =>
  [
    columns.map(({ head }) => head),
    columns.map(({ numeric }) => (numeric ? "---:" : "---")),
    ...rows.map((cells) => cells.map(markdownText)),
  ]
    .map((cells) => `| ${cells.join(" | ")} |\n`)
    .join("");

/** Text without markup, entities (&lt;), formulas ($) and emoji (:tada:) of GitHub's Markdown. */
const markdownText = (text: string): string =>
  text.replace(/[\r\n]+/g, " ").replace(/[\\|*_`<>[\]#~$&]|:(?=[\w+-]+:)/g, "\\$&");
