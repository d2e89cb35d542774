/** Where tables say that a shift is claimed. */
import { renderToStaticMarkup } from "react-dom/server";
import { expect, it } from "vitest";
import { measured, metricColumns } from "@/app/_components/tables/metric-columns";
import { byMetric, metricNames } from "@/lib/records";

const rows = [true, false].map((byUser) => ({ ...measured(byMetric(metricNames, () => 0.5)), byUser }));

/** The heading of the shift, and the cell of a row. */
function shift(shown: typeof rows, row: (typeof rows)[number]) {
  const column = metricColumns(
    shown,
    () => "",
    ({ byUser }) => byUser,
  ).find(({ key }) => key === "esm")!;
  return [column.head, renderToStaticMarkup(column.cell(row)).replaceAll(/<[^>]*>/g, "")];
}

it("says of the shift of users' runs that it is claimed: once if all rows are theirs, else beside each", () => {
  const [theirs, ours] = rows as [(typeof rows)[number], (typeof rows)[number]];
  expect(shift([theirs], theirs)).toEqual(["all layers, claimed", "0.500"]);
  expect(shift(rows, theirs)).toEqual(["all layers", "0.500 claimed"]);
  expect(shift(rows, ours)).toEqual(["all layers", "0.500"]);
  expect(shift([], ours)[0]).toBe("all layers");
});
