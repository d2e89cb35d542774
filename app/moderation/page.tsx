/** The queue of flags, for maintainers. */
import type { Metadata } from "next";
import Link from "next/link";
import { notFound, redirect } from "next/navigation";
import { SegmentLinks } from "@/app/_components/controls/controls";
import { Empty } from "@/app/_components/controls/notices";
import { FlagList } from "@/app/_components/tables/flag-list";
import { flagPage } from "@/lib/server/moderation/flags";
import { currentUser } from "@/lib/server/people/auth";

export const metadata: Metadata = { title: "Flags", robots: { index: false } };

export const dynamic = "force-dynamic";

const states = ["open", "upheld", "dismissed"] as const;

const take = 50;

export default async function ModerationPage({ searchParams }: PageProps<"/moderation">) {
  const user = await currentUser();
  if (!user) redirect("/signin?callbackUrl=/moderation");
  if (user.role !== "maintainer") notFound();
  const { state: requested, after } = await searchParams;
  const state = states.find((known) => known === requested) ?? "open";
  const flags = await flagPage({
    state,
    take,
    after: typeof after === "string" && /^[0-9a-f-]{36}$/.test(after) ? after : undefined,
  });
  const last = flags.length === take ? flags.at(-1) : undefined;
  return (
    <>
      <h1>Flags</h1>
      <p className="lede">
        What readers doubt, oldest first. Look at the evidence, read the author&rsquo;s reply, decide with reasons that
        anyone can read.
      </p>
      <div className="mt-3 mb-3">
        <SegmentLinks
          label="State"
          options={states.map((option) => ({
            href: `/moderation?state=${option}`,
            label: option,
            current: option === state,
          }))}
        />
      </div>
      {flags.length > 0 ? (
        <FlagList caption={`Flags that are ${state}, oldest first`} flags={flags} />
      ) : (
        <Empty title={state === "open" ? "Nothing waits" : `None ${state}`} />
      )}
      {last && (
        <p className="mt-3">
          <Link href={`/moderation?state=${state}&after=${last.id}`}>Next page</Link>
        </p>
      )}
    </>
  );
}
