/** Flags a run, a policy or an external record: `?subject=run&id=…`. */
import type { Metadata } from "next";
import Link from "next/link";
import { notFound, redirect } from "next/navigation";
import { findSubject } from "@/lib/server/moderation/moderate";
import { currentUser } from "@/lib/server/people/auth";
import { NewFlag } from "./new-flag";

export const metadata: Metadata = { title: "Flag a result", robots: { index: false } };

export const dynamic = "force-dynamic";

export default async function NewFlagPage({ searchParams }: PageProps<"/moderation/new">) {
  const { subject: kind, id } = await searchParams;
  if (!(kind === "run" || kind === "policy" || kind === "external") || typeof id !== "string") notFound();
  const [user, subject] = await Promise.all([currentUser(), findSubject(kind, id)]);
  if (!subject || subject.hidden) notFound();
  if (!user) redirect(`/signin?callbackUrl=${encodeURIComponent(`/moderation/new?subject=${kind}&id=${id}`)}`);
  return (
    <div className="max-w-[44rem]">
      <h1>Flag a result</h1>
      <p className="lede mb-4">
        <Link href={subject.url}>{subject.title}</Link>. Say what is wrong with it and how one sees that: a maintainer
        looks, the author may reply, the decision is public.
      </p>
      <NewFlag subject={kind} id={id} account={user.name} />
    </div>
  );
}
