/**
 * Sessions: one for each sign-in, named by its cookie and stored, so that it can be ended at the server. A cookie copied
 * before signing out is then worth nothing.
 */
import "server-only";
import type { Database } from "../database/client";
import { database } from "../database/client";

/** How long a session lasts after signing in, unless it is ended before. */
export const sessionDays = 30;

/** Someone who has proved to be this user. */
export interface SignedInUser {
  id: string;
  name: string;
  /** Of the user when that was proved: if it has changed since, the session is over at once. */
  sessionVersion: number;
}

export interface CurrentUser {
  id: string;
  name: string;
  role: "user" | "maintainer";
}

/** Starts a session. @returns its id */
export async function startSession(
  { id: userId, sessionVersion: version }: Omit<SignedInUser, "name">,
  db: Database = database(),
): Promise<string> {
  const expires = new Date(Date.now() + sessionDays * 86_400_000);
  return (await db.session.create({ data: { userId, version, expires }, select: { id: true } })).id;
}

/** The user of a session; null if it has ended or the account is gone. */
export async function userOfSession(id: string, db: Database = database()): Promise<CurrentUser | null> {
  const [user] = await db.$queryRaw<CurrentUser[]>`
    SELECT "user".id::text, "user".name, "user".role::text
    FROM session JOIN "user" ON "user".id = session.user_id
    WHERE session.id = ${id}::uuid AND session.expires > now() AND session.version = "user".session_version`;
  return user ?? null;
}

/** Ends one session. */
export async function endSession(id: string, db: Database = database()): Promise<void> {
  await db.session.deleteMany({ where: { id } });
}

/**
 * Ends all sessions of a user, also those of a sign-in that is under way.
 * @param but the id of a session that goes on
 */
export async function endSessions(userId: string, { but }: { but?: string } = {}, db: Database = database()) {
  const { sessionVersion: version } = await db.user.update({
    where: { id: userId },
    data: { sessionVersion: { increment: 1 } },
    select: { sessionVersion: true },
  });
  if (but) await db.session.updateMany({ where: { id: but, userId }, data: { version } });
  await db.session.deleteMany({ where: { userId, version: { not: version } } });
}

/** How many sessions of a user are valid. */
export const countSessions = (userId: string, db: Database = database()): Promise<number> =>
  db.session.count({ where: { userId, expires: { gt: new Date() } } });

/** Deletes sessions that have expired. */
export async function deleteExpiredSessions(db: Database = database()): Promise<void> {
  await db.session.deleteMany({ where: { expires: { lt: new Date() } } });
}
