/** A flag with its reasons, the author's reply and the decision, for the people involved. */
import type { Metadata } from "next";
import { notFound, redirect } from "next/navigation";
import { flagCase } from "@/lib/server/moderation/flags";
import { currentUser } from "@/lib/server/people/auth";
import { FlagView } from "./flag-view";

export const metadata: Metadata = { title: "Flag", robots: { index: false } };

export const dynamic = "force-dynamic";

export default async function FlagPage({ params }: PageProps<"/moderation/[id]">) {
  const { id } = await params;
  const user = await currentUser();
  if (!user) redirect(`/signin?callbackUrl=/moderation/${encodeURIComponent(id)}`);
  const record = await flagCase(id);
  const isAuthor = record?.authorId === user.id;
  const isMaintainer = user.role === "maintainer";
  if (!record || !(isMaintainer || isAuthor || record.reporterId === user.id)) notFound();
  return <FlagView flag={record.flag} account={user.name} isAuthor={isAuthor} isMaintainer={isMaintainer} />;
}
