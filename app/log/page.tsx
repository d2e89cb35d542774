/** The public log: every addition, rescore and removal with its reason, newest first. */
import type { Metadata } from "next";
import Link from "next/link";
import type { ReactNode } from "react";
import { z } from "zod";
import { Empty } from "@/app/_components/controls/notices";
import type { Column } from "@/app/_components/tables/data-table";
import { DataTable } from "@/app/_components/tables/data-table";
import { urlState } from "@/lib/leaderboard";
import { textSchema } from "@/lib/records";
import type { LogRecord } from "@/lib/server/moderation/log";
import { logPage } from "@/lib/server/moderation/log";

export const metadata: Metadata = {
  title: "Log",
  description: "Every addition, rescore and removal on DMBench, with its reason. Append-only.",
};

export const dynamic = "force-dynamic";

const take = 50;

const filters = urlState(
  z.object({
    after: z
      .string()
      .regex(/^\d{1,18}$/)
      .optional(),
    subject: textSchema({ max: 32 }).optional(),
    subjectId: textSchema({ max: 64 }).optional(),
  }),
);

export default async function LogPage({ searchParams }: PageProps<"/log">) {
  const { after, subject, subjectId } = filters.read(await searchParams);
  const records = await logPage({ take, after: after === undefined ? undefined : BigInt(after), subject, subjectId });
  const last = records.length === take ? records.at(-1)!.id : null;
  const view = Object.entries({ subject, subjectId }).flatMap(([name, value]) => (value ? [[name, value]] : []));
  return (
    <>
      <h1>Log</h1>
      <p className="lede">
        Every addition, rescore and removal with its reason, newest first. The database itself refuses to change or
        delete an entry. <a href="/api/v1/log">As JSON</a>
      </p>
      {view.length > 0 && (
        <p className="mt-3 note">
          Only {subject} {subjectId}. <Link href="/log">Show all</Link>
        </p>
      )}
      <div className="mt-4">
        {records.length > 0 ? (
          <DataTable caption="Log, newest first" columns={columns} rows={records} rowKey={({ id }) => id} />
        ) : (
          <Empty title="Nothing here">
            {after ? "This is before the first entry." : "The first entry is made when something is published."}
          </Empty>
        )}
      </div>
      {last && (
        <p className="mt-3">
          <Link href={`/log?${new URLSearchParams([...view, ["after", last]] as [string, string][])}`}>
            Older entries
          </Link>
        </p>
      )}
    </>
  );
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
    cell: ({ actor }) =>
      actor ? (
        <Link href={`/u/${actor}`}>{actor}</Link>
      ) : (
        <span className="missing">the site, or an account that is gone</span>
      ),
  },
  { key: "why", head: "detail", cell: ({ detail }) => describeDetail(detail) },
];

/** `run.published` → "run published". */
const words = (action: string): string => action.replace(/[._]/g, " ");

function address({ subject, subjectId, detail }: Pick<LogRecord, "subject" | "subjectId" | "detail">): string | null {
  if (subject === "run") return `/runs/${subjectId}`;
  return subject === "policy" && typeof detail.slug === "string" ? `/policies/${detail.slug}` : null;
}

/** Reasons and replies in full, other details abbreviated. */
function describeDetail(detail: LogRecord["detail"]): ReactNode {
  const { reason, reply, ...rest } = detail;
  const text = [reason, reply].find((one): one is string => typeof one === "string");
  if (text) return <span className="sentence">{text}</span>;
  const parts = Object.entries(rest).flatMap(([name, value]) =>
    value === null || name === "hash" || name === "sha256" || name === "benchmarkId" || name === "flag"
      ? []
      : [`${name} ${short(value)}`],
  );
  return parts.join(", ");
}

const short = (value: unknown): string =>
  typeof value === "object" && value !== null ? Object.values(value).join(" v") : String(value);
