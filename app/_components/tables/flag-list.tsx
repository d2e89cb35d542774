/** A list of flags. */
import Link from "next/link";
import type { FlagInfo } from "@/lib/server/moderation/flags";
import { date } from "../text/format";
import type { Column } from "./data-table";
import { DataTable } from "./data-table";

export function FlagList({ caption, flags }: { caption: string; flags: readonly FlagInfo[] }) {
  return <DataTable caption={caption} columns={columns} rows={flags} rowKey={({ id }) => id} />;
}

const columns: readonly Column<FlagInfo>[] = [
  { key: "subject", head: "on", cell: ({ id, subject }) => <Link href={`/moderation/${id}`}>{subject.title}</Link> },
  { key: "state", head: "state", cell: ({ state, subject }) => (subject.hidden ? `${state}, hidden` : state) },
  {
    key: "author",
    head: "author",
    cell: ({ subject }) => subject.author ?? <span className="missing">nobody’s any more</span>,
  },
  { key: "reply", head: "reply", cell: ({ reply }) => (reply ? "yes" : "not yet") },
  { key: "date", head: "raised", cell: ({ createdAt }) => date(createdAt) },
];
