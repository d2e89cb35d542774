/** A link to the form that flags a run or a policy. */
import Link from "next/link";

export function FlagLink({ subject, id }: { subject: "run" | "policy"; id: string }) {
  return (
    <Link
      href={`/moderation/new?${new URLSearchParams({ subject, id })}`}
      className="text-head"
      prefetch={false}
      rel="nofollow"
    >
      Flag this {subject}
    </Link>
  );
}
