import { expect, it } from "vitest";
import { accountOf, signUp } from "@/lib/server/people/accounts";
import { completeLink, linksOf, requestLink, unlink } from "@/lib/server/people/links";
import { startSession } from "@/lib/server/people/sessions";
import { onEachDatabase } from "../databases";

let people = 0;

onEachDatabase("links", (installation) => {
  /** A new local account, signed in, and an identity of the same person at a provider. */
  async function newcomer() {
    const { db } = installation();
    people += 1;
    const name = `linker-${people}`;
    const made = await signUp({ name, password: "correct horse battery" }, db);
    if ("refusal" in made) throw new Error(made.refusal.remedy);
    const { id } = made.user;
    const identity = { provider: "oidc", providerAccountId: name };
    return { id, name, sessionId: await startSession(made.user, db), identity };
  }

  it("are made once asked for, and sign in to the same account", async () => {
    const { db } = installation();
    const user = await newcomer();
    expect(await completeLink(user, user.identity, db)).toBe("not requested");
    await requestLink(user.sessionId, "github", db);
    expect(await completeLink(user, user.identity, db)).toBe("not requested");
    await requestLink(user.sessionId, "oidc", db);
    expect(await completeLink(user, user.identity, db)).toBe("linked");
    expect(await completeLink(user, { ...user.identity, providerAccountId: "second" }, db)).toBe("not requested");
    expect(await linksOf(user.id, db)).toEqual(["oidc"]);
    expect((await accountOf({ ...user.identity, name: "anything", image: null }, db)).id).toBe(user.id);
    await requestLink(user.sessionId, "oidc", db);
    expect(await completeLink(user, user.identity, db)).toBe("linked"); // again: nothing changes
  });

  it("are not made by a request of another session, or one that has expired", async () => {
    const { db } = installation();
    const [user, stranger] = [await newcomer(), await newcomer()];
    await requestLink(stranger.sessionId, "oidc", db);
    expect(await completeLink(user, user.identity, db)).toBe("not requested");
    await requestLink(user.sessionId, "oidc", db);
    await db.session.update({ where: { id: user.sessionId }, data: { linkingUntil: new Date(Date.now() - 1) } });
    expect(await completeLink(user, user.identity, db)).toBe("not requested");
    expect(await linksOf(user.id, db)).toEqual([]);
  });

  it("leave an identity with the account that has it", async () => {
    const { db } = installation();
    const [user, thief] = [await newcomer(), await newcomer()];
    const owner = await accountOf({ ...user.identity, name: user.name, image: null }, db);
    await requestLink(thief.sessionId, "oidc", db);
    expect(await completeLink(thief, user.identity, db)).toBe("elsewhere");
    expect((await accountOf({ ...user.identity, name: user.name, image: null }, db)).id).toBe(owner.id);
  });

  it("can be removed while another way in is left, also by two requests at once", async () => {
    const { db } = installation();
    const user = await newcomer();
    await db.account.create({ data: { userId: user.id, type: "oauth", ...user.identity } });
    expect(await unlink(user.id, "oidc", db)).toBeNull();
    expect(await unlink(user.id, "oidc", db)).toBeNull();
    expect(await linksOf(user.id, db)).toEqual([]);

    const { id } = await accountOf({ provider: "github", providerAccountId: user.name, name: "x", image: null }, db);
    expect(await unlink(id, "github", db)).toMatchObject({ field: "provider", remedy: expect.any(String) as string });
    await db.account.create({ data: { userId: id, type: "oauth", ...user.identity } });
    const answers = await Promise.all([unlink(id, "github", db), unlink(id, "oidc", db)]);
    expect(answers.filter((refusal) => refusal === null)).toHaveLength(1);
    expect(await linksOf(id, db)).toHaveLength(1);
  });
});
