/** Tells users what happened to what they published: stored with what happened, and shown on their next visit. */
import "server-only";
import type { NoticeKind } from "@/lib/leaderboard";
import type { Database } from "../database/client";

export interface NewNotice {
  /** Null: nobody is told. */
  userId: string | null;
  kind: NoticeKind;
  /** What it is about, and its page. */
  title: string;
  href: string;
  /** What happened, in a sentence. */
  text: string;
}

/** Stores notices, but for those of a kind that the user has turned off. */
export async function notify(tx: Database, notices: readonly NewNotice[]): Promise<void> {
  const owned = notices.filter(({ userId }) => userId !== null);
  if (owned.length === 0) return;
  const users = await tx.user.findMany({
    where: { id: { in: owned.map(({ userId }) => userId!) } },
    select: { id: true, mutedNotices: true },
  });
  const wanted = owned.filter(({ userId, kind }) => {
    const user = users.find(({ id }) => id === userId);
    return user && !user.mutedNotices.includes(kind);
  });
  await tx.notice.createMany({ data: wanted.map((notice) => ({ ...notice, userId: notice.userId! })) });
}
