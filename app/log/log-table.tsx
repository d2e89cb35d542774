/** Entries of the log: what happened, when, by whom and why. */
import Link from "next/link";
import type { ReactNode } from "react";
import type { Column } from "@/app/_components/tables/data-table";
import { DataTable } from "@/app/_components/tables/data-table";
import type { LogRecord } from "@/lib/server/moderation/log";

export function LogTable({ records }: { records: readonly LogRecord[] }) {
  return <DataTable caption="Log, newest first" columns={columns} rows={records} rowKey={({ id }) => id} />;
}

const moment = new Intl.DateTimeFormat("en-GB", { dateStyle: "medium", timeStyle: "short", timeZone: "UTC" });

const columns: readonly Column<LogRecord>[] = [
  {
    key: "what",
    head: "what",
    cell: ({ action, subject, subjectId, detail }) => {
      const href = address({ subject, subjectId, detail });
      return href && !action.endsWith(".hidden") ? <Link href={href}>{words(action)}</Link> : words(action);
    },
  },
  {
    key: "when",
    head: "when, UTC",
    cell: ({ createdAt }) => <time dateTime={createdAt.toISOString()}>{moment.format(createdAt)}</time>,
  },
  {
    key: "who",
    head: "by whom",
    cell: ({ actor, action }) =>
      actor ? (
        <Link href={`/u/${actor}`}>{actor}</Link>
      ) : (
        <span className="missing">
          {action === "flag.raised" ? "a reader, not named" : "the site, or an account that is gone"}
        </span>
      ),
  },
  { key: "why", head: "detail", cell: describeDetail },
];

/** `run.published` → "run published". */
const words = (action: string): string => action.replace(/[._]/g, " ");

function address({ subject, subjectId, detail }: Pick<LogRecord, "subject" | "subjectId" | "detail">): string | null {
  if (subject === "run") return `/runs/${subjectId}`;
  return subject === "policy" && typeof detail.slug === "string" ? `/policies/${detail.slug}` : null;
}

/** Details that only programs need. */
const omitted: ReadonlySet<string> = new Set(["hash", "sha256", "commitment", "benchmarkId", "flag"]);

/** Reasons, replies and what a retired run was in full, other details abbreviated. */
function describeDetail({ action, detail }: LogRecord): ReactNode {
  const { reason, reply, ...rest } = detail;
  const text = [reason, reply].find((one): one is string => typeof one === "string");
  if (text) return <span className="sentence">{text}</span>;
  const whole = action === "trajectory.retired";
  const parts = Object.entries(rest).flatMap(([name, value]) =>
    value === null || (omitted.has(name) && !whole) ? [] : [`${name} ${short(value)}`],
  );
  return whole ? <span className="sentence break-all">{parts.join(", ")}</span> : parts.join(", ");
}

const short = (value: unknown): string =>
  typeof value === "object" && value !== null ? Object.values(value).join(" v") : String(value);
