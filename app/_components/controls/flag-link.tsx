/** A link to the form that flags a run, a policy or an external record. */
import Link from "next/link";
import { subjectNames } from "@/lib/leaderboard";

export function FlagLink({ subject, id }: { subject: keyof typeof subjectNames; id: string }) {
  return (
    <Link
      href={`/moderation/new?${new URLSearchParams({ subject, id })}`}
      className="text-head"
      prefetch={false}
      rel="nofollow"
    >
      Flag this {subjectNames[subject]}
    </Link>
  );
}
