/** The public log: every addition, rescore and removal with its reason, newest first. */
import type { Metadata } from "next";
import Link from "next/link";
import { z } from "zod";
import { Empty } from "@/app/_components/controls/notices";
import { alternates } from "@/app/_components/frame/alternates";
import { urlState } from "@/lib/leaderboard";
import { textSchema } from "@/lib/records";
import { logPage, subjectPages } from "@/lib/server/moderation/log";
import { LogTable } from "./log-table";

export const metadata: Metadata = {
  title: "Log",
  description: "Every addition, rescore and removal on DMBench, with its reason. Append-only.",
  alternates: alternates({ title: "Log", feed: "/api/v1/log/feed.xml" }),
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
        delete an entry. <a href="/api/v1/log">As JSON</a>, <a href="/api/v1/log/feed.xml">as a feed</a>
      </p>
      {view.length > 0 && (
        <p className="mt-3 note">
          Only {subject} {subjectId}. <Link href="/log">Show all</Link>
        </p>
      )}
      <div className="mt-4">
        {records.length > 0 ? (
          <LogTable records={records} pages={await subjectPages(records)} />
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
