/** Entries of the log: what happened, when, by whom and why. */
import Link from "next/link";
import type { Column } from "@/app/_components/tables/data-table";
import { DataTable } from "@/app/_components/tables/data-table";
import { actionWords, detailWords } from "@/app/_components/text/describe-log";
import type { LogRecord } from "@/lib/server/moderation/log";

interface LogTableProps {
  records: readonly LogRecord[];
  /** Paths of the pages of what records are about, by the record's id. */
  pages: ReadonlyMap<string, string>;
}

export function LogTable({ records, pages }: LogTableProps) {
  return <DataTable caption="Log, newest first" columns={columns(pages)} rows={records} rowKey={({ id }) => id} />;
}

const moment = new Intl.DateTimeFormat("en-GB", { dateStyle: "medium", timeStyle: "short", timeZone: "UTC" });

const columns = (pages: LogTableProps["pages"]): Column<LogRecord>[] => [
  {
    key: "what",
    head: "what",
    cell: (record) => {
      const [href, words] = [pages.get(record.id), actionWords(record.action)];
      return href ? <Link href={href}>{words}</Link> : words;
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
  { key: "why", head: "detail", cell: (record) => <Detail record={record} /> },
];

/** In words; of a recorded run also what it can be checked with, in full once it is retired. */
function Detail({ record }: { record: LogRecord }) {
  const { subject, action, detail } = record;
  const words = detailWords(record);
  const isText = [detail.reason, detail.reply].some((text) => typeof text === "string");
  if (isText) return <span className="sentence">{words}</span>;
  if (subject !== "trajectory") return words;
  const facts: [name: string, value: unknown][] = [
    ["commitment", detail.commitment],
    ["key", detail.key],
    ["SHA-256", detail.sha256],
  ];
  return (
    <span className="sentence">
      {words}
      {typeof detail.run === "string" && (
        <>
          , <Link href={`/runs/${detail.run}`}>a run by somebody</Link>
        </>
      )}
      {facts.map(
        ([name, value]) =>
          typeof value === "string" && (
            <span key={name} className="block">
              {name}{" "}
              <code className="wrap-anywhere">
                {action === "trajectory.retired" ? value : `${value.slice(0, 16)}…`}
              </code>
            </span>
          ),
      )}
    </span>
  );
}
