/** Plain text tables: the first column left-aligned, numbers right-aligned. */

/** A table with columns as wide as their widest cell; ends with a line feed. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((title, column) =>
    rows.reduce((most, row) => Math.max(most, row[column]!.length), title.length),
  );
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, column) => (column === 0 ? cell.padEnd(widths[column]!) : cell.padStart(widths[column]!)))
      .join("  ")
      .trimEnd();
  return `${[line(head), line(widths.map((width) => "─".repeat(width))), ...rows.map(line)].join("\n")}\n`;
}
