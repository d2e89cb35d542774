/** Entries of the log: what happened, when, by whom and why. */
import Link from "next/link";
import type { ReactNode } from "react";
import type { Column } from "@/app/_components/tables/data-table";
import { DataTable } from "@/app/_components/tables/data-table";
import { variantLabels } from "@/lib/leaderboard";
import type { Variant } from "@/lib/records";
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
const omitted: ReadonlySet<string> = new Set(["hash", "benchmarkId", "flag"]);

/** Reasons, replies and what a run is in words, other details by their names. */
function describeDetail({ subject, action, detail }: LogRecord): ReactNode {
  const { reason, reply, ...rest } = detail;
  const text = [reason, reply].find((one): one is string => typeof one === "string");
  if (text) return <span className="sentence">{text}</span>;
  if (subject === "trajectory") return <Trajectory detail={detail} whole={action === "trajectory.retired"} />;
  return Object.entries(rest)
    .flatMap(([name, value]) => (value === null || omitted.has(name) ? [] : [`${name} ${short(value)}`]))
    .join(", ");
}

/** Which run it is, and what it can be checked with: in full once it is retired. */
function Trajectory({ detail, whole }: { detail: LogRecord["detail"]; whole: boolean }) {
  const { benchmark, variant, visibility, number, seed } = detail;
  const facts: [name: string, value: unknown][] = [
    ["commitment", detail.commitment],
    ["key", detail.key],
    ["SHA-256", detail.sha256],
  ];
  return (
    <span className="sentence">
      {visibility === "public" ? "public" : "held-out"} run {short(number)}
      {benchmark !== undefined && ` of ${short(benchmark)}`}, {labelOf(short(variant))}
      {seed !== undefined && `, seed ${short(seed)}`}
      {typeof detail.run === "string" && (
        <>
          , <Link href={`/runs/${detail.run}`}>a run by somebody</Link>
        </>
      )}
      {facts.map(
        ([name, value]) =>
          typeof value === "string" && (
            <span key={name} className="block">
              {name} <code className="wrap-anywhere">{whole ? value : `${value.slice(0, 16)}…`}</code>
            </span>
          ),
      )}
    </span>
  );
}

const labelOf = (variant: string): string =>
  Object.hasOwn(variantLabels, variant) ? variantLabels[variant as Variant] : variant;

const short = (value: unknown): string =>
  typeof value === "object" && value !== null ? Object.values(value).join(" v") : String(value);
