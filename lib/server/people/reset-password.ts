/** A new password for an account whose owner has lost the old one, by whoever runs the site. */
import "server-only";
import { characterCount } from "@/lib/records";
import { OperationError } from "../backup/operation-error";
import { withCurrentDatabase } from "../backup/with-current-database";
import type { DatabaseLocation } from "../database/client";
import { passwordSchema, setPassword } from "./accounts";
import { expectedInsteadOf } from "./weak-passwords";

/**
 * Sets it, and ends all sessions of the account.
 * @throws OperationError if there is no such account, or the password is refused as at sign-up
 */
export async function resetPassword(account: string, password: string, location: DatabaseLocation): Promise<void> {
  const name = account.trim().toLowerCase();
  const parsed = passwordSchema.safeParse(password);
  const expected = parsed.success ? expectedInsteadOf(password, name) : parsed.error.issues[0]?.message;
  if (expected)
    throw new OperationError(`password: expected ${expected}, found ${characterCount(password)} characters.`);
  await withCurrentDatabase(location, "reset a password", async (db) => {
    const user = await db.user.findFirst({ where: { name }, select: { id: true } });
    if (!user) throw new OperationError(`There is no account ${JSON.stringify(account)}. Names are as on /u/NAME.`);
    await setPassword(user.id, password, { db });
  });
}
