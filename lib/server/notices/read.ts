/** A user's notices: the list, how many are new, which kinds they want. */
import "server-only";
import type { NoticeKind } from "@/lib/leaderboard";
import type { Database } from "../database/client";
import { database } from "../database/client";

export interface NoticeInfo {
  id: string;
  kind: NoticeKind;
  title: string;
  href: string;
  text: string;
  createdAt: Date;
  /** Null: it is new. */
  readAt: Date | null;
}

/** The newest first. */
export const noticesOf = (
  userId: string,
  { take, after }: { take: number; after?: string | undefined },
  db: Database = database(),
): Promise<NoticeInfo[]> =>
  db.notice.findMany({
    where: { userId },
    orderBy: [{ createdAt: "desc" }, { id: "desc" }],
    take,
    ...(after && { cursor: { id: after }, skip: 1 }),
    omit: { userId: true },
  });

export const unreadNotices = (userId: string, db: Database = database()): Promise<number> =>
  db.notice.count({ where: { userId, readAt: null } });

/** Marks all that came until `until` as read: those that came since stay new. */
export async function markRead(userId: string, until: Date, db: Database = database()): Promise<void> {
  await db.notice.updateMany({
    where: { userId, readAt: null, createdAt: { lte: until } },
    data: { readAt: new Date() },
  });
}

export const mutedNotices = async (userId: string, db: Database = database()): Promise<NoticeKind[]> =>
  (await db.user.findUniqueOrThrow({ where: { id: userId }, select: { mutedNotices: true } })).mutedNotices;

export async function muteNotices(userId: string, kinds: readonly NoticeKind[], db: Database = database()) {
  await db.user.update({ where: { id: userId }, data: { mutedNotices: { set: [...kinds] } } });
}
