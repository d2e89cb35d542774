/** CSV that spreadsheets open without evaluating it. */
import type { Cell } from "./table";

/** RFC 4180; the first line is the header, an empty field is a missing value. */
export const csvOf = (lines: readonly (readonly Cell[])[]): string =>
  lines.map((line) => `${line.map(csvField).join(",")}\r\n`).join("");

/**
 * A field of CSV. Against formula injection, text that a spreadsheet would evaluate gets a leading apostrophe, which
 * marks it as text there. Text that already looks so marked gets another one: who removes one apostrophe from every
 * field that starts with apostrophes and a formula has the text back.
 */
function csvField(value: string | number | null): string {
  if (value === null) return "";
  if (typeof value === "number") return String(value);
  const inert = /^'*\s*[=+\-@\t\r\n＝＋－＠]/u.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(inert) ? `"${inert.replaceAll('"', '""')}"` : inert;
}
