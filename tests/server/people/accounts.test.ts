import { expect, it } from "vitest";
import { accountOf, signInWithPassword, signUp, signUpSchema } from "@/lib/server/people/accounts";
import { onEachDatabase } from "../databases";

const password = "correct horse battery";

onEachDatabase("accounts", (installation) => {
  it("signs a user in by name in any case, and only with the right password", async () => {
    const { db } = installation();
    const made = await signUp(signUpSchema.parse({ name: " Ada_L ", password }), db);
    expect(made).toEqual({ user: { id: expect.any(String) as string, name: "ada_l", sessionVersion: 0 } });
    expect(await signInWithPassword({ name: "ADA_L", password }, db)).toEqual("user" in made && made.user);
    expect(await signInWithPassword({ name: "ada_l", password: `${password}!` }, db)).toBeNull();
    expect(await signInWithPassword({ name: "nobody", password }, db)).toBeNull();
    expect(await signInWithPassword({ name: "a\0", password }, db)).toBeNull();
  });

  it("gives a name to only one of two concurrent sign-ups", async () => {
    const { db } = installation();
    const answers = await Promise.all([1, 2, 3].map(() => signUp({ name: "grace", password }, db)));
    expect(answers.filter((answer) => "user" in answer)).toHaveLength(1);
    expect(answers.filter((answer) => "refusal" in answer)).toMatchObject(
      Array(2).fill({ refusal: { reason: "name-taken", field: "name", found: "grace" } }),
    );
  });

  it("creates one account for a provider's identity, and never takes over one of the same name", async () => {
    const { db } = installation();
    await signUp({ name: "octocat", password }, db);
    const identity = { provider: "github", providerAccountId: "583231", name: "Octocat", image: null };
    const accounts = await Promise.all([1, 2, 3, 4].map(() => accountOf(identity, db)));
    expect(new Set(accounts.map(({ id }) => id)).size).toBe(1);
    expect(accounts[0]!.name).toBe("octocat-2");
    expect(await accountOf({ ...identity, name: "renamed" }, db)).toEqual(accounts[0]);
    expect((await accountOf({ ...identity, provider: "google", name: "李 明" }, db)).name).toBe("newcomer");
  });

  it("allows no password sign-in to a provider's account", async () => {
    const { db } = installation();
    const { name } = await accountOf({ provider: "oidc", providerAccountId: "1", name: "zoe", image: null }, db);
    expect(await signInWithPassword({ name, password: "" }, db)).toBeNull();
    expect(await signInWithPassword({ name, password: "null" }, db)).toBeNull();
  });
});
