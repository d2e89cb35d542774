import { expect, it } from "vitest";
import { changePassword, setPassword, signInWithPassword, signUp } from "@/lib/server/people/accounts";
import {
  countSessions,
  deleteExpiredSessions,
  endSession,
  endSessions,
  startSession,
  userOfSession,
} from "@/lib/server/people/sessions";
import { onEachDatabase } from "../databases";

const password = "correct horse battery";
let people = 0;

onEachDatabase("sessions", (installation) => {
  async function newcomer() {
    people += 1;
    const made = await signUp({ name: `person-${people}`, password }, installation().db);
    if ("refusal" in made) throw new Error(made.refusal.remedy);
    return made.user;
  }

  it("ends at sign-out, and leaves the user's other sessions alone", async () => {
    const { db } = installation();
    const user = await newcomer();
    const [here, there] = [await startSession(user, db), await startSession(user, db)];
    expect(await userOfSession(here, db)).toEqual({ id: user.id, name: user.name, role: "user" });
    await endSession(here, db);
    await endSession(here, db);
    expect(await userOfSession(here, db)).toBeNull();
    expect(await userOfSession(there, db)).not.toBeNull();
    expect(await countSessions(user.id, db)).toBe(1);
  });

  it("ends in all browsers but the one that changes the password, and the old password no longer signs in", async () => {
    const { db } = installation();
    const user = await newcomer();
    const [here, there] = [await startSession(user, db), await startSession(user, db)];
    const stranger = await newcomer();
    const theirs = await startSession(stranger, db);
    const change = (fields: { current: string; password: string }) =>
      changePassword({ ...user, sessionId: here }, fields, db);

    expect(await change({ current: "wrong horse", password: "another fine horse" })).toMatchObject({
      field: "current",
    });
    expect(await change({ current: password, password: "Password123" })).toMatchObject({ field: "password" });
    expect(await change({ current: password, password: user.name })).toMatchObject({ field: "password" });
    expect(await userOfSession(there, db)).not.toBeNull();

    expect(await change({ current: password, password: "another fine horse" })).toBeNull();
    expect(await userOfSession(here, db)).not.toBeNull();
    expect(await userOfSession(there, db)).toBeNull();
    expect(await userOfSession(theirs, db)).not.toBeNull();
    expect(await signInWithPassword({ name: user.name, password }, db)).toBeNull();
    expect(await signInWithPassword({ name: user.name, password: "another fine horse" }, db)).not.toBeNull();
  });

  it("can't begin with a password that was changed while it was checked", async () => {
    const { db } = installation();
    const { name } = await newcomer();
    const checked = (await signInWithPassword({ name, password }, db))!;
    await setPassword(checked.id, "another fine horse", { db });
    expect(await userOfSession(await startSession(checked, db), db)).toBeNull();
  });

  it("ends everywhere at once", async () => {
    const { db } = installation();
    const user = await newcomer();
    const sessions = [await startSession(user, db), await startSession(user, db)];
    await endSessions(user.id, {}, db);
    expect(await Promise.all(sessions.map((id) => userOfSession(id, db)))).toEqual([null, null]);
    expect(await countSessions(user.id, db)).toBe(0);
  });

  it("expires, and is deleted then", async () => {
    const { db } = installation();
    const user = await newcomer();
    const [old, recent] = [await startSession(user, db), await startSession(user, db)];
    await db.session.update({ where: { id: old }, data: { expires: new Date(Date.now() - 1000) } });
    expect(await userOfSession(old, db)).toBeNull();
    await deleteExpiredSessions(db);
    expect(await db.session.findMany({ where: { userId: user.id }, select: { id: true } })).toEqual([{ id: recent }]);
  });
});
