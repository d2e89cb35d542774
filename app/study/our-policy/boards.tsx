/** The boards of the study, as rows. */
import Link from "next/link";
import type { Column } from "@/app/_components/tables/data-table";
import { count } from "@/app/_components/text/format";
import type { RegimeSummary } from "@/lib/records";
import { regimeTitle } from "../labels";

export const boardTitle = (regime: RegimeSummary): string =>
  `${regimeTitle(regime)}, ${count(regime.steps)} steps of ${count(regime.batchSize)}`;

export const boardColumns: Column<RegimeSummary>[] = [
  {
    key: "board",
    head: "Board",
    cell: (regime) => <Link href={`/leaderboard/${regime.regime}`}>{regimeTitle(regime)}</Link>,
  },
  { key: "batch", head: "batch", align: "end", cell: ({ batchSize }) => count(batchSize) },
  { key: "steps", head: "steps", align: "end", wide: true, cell: ({ steps }) => count(steps) },
];
