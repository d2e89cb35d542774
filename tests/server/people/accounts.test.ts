import { readdirSync, readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import fc from "fast-check";
import { expect, it } from "vitest";
import { lookAlikeKey } from "@/lib/server/look-alike";
import { accountOf, deleteAccount, signInWithPassword, signUp, signUpSchema } from "@/lib/server/people/accounts";
import { resetPassword } from "@/lib/server/people/reset-password";
import { onEachDatabase } from "../databases";

const password = "correct horse battery";

onEachDatabase("accounts", (installation) => {
  it("are made while something else keeps an embedded database busy for seconds, as a first start does", async () => {
    const { db } = installation();
    const busy = db.$transaction(async (tx) => {
      await tx.$queryRaw`SELECT 1`;
      await sleep(3000);
    });
    await signUp({ name: "patient", password }, db);
    await busy;
    expect(await db.user.count({ where: { name: "patient" } })).toBe(1);
  });

  it("signs a user in by name in any case, and only with the right password", async () => {
    const { db } = installation();
    const made = await signUp(signUpSchema.parse({ name: " Ada_L ", password }), db);
    expect(made).toEqual({ user: { id: expect.any(String) as string, name: "ada_l", sessionVersion: 0 } });
    expect(await signInWithPassword({ name: "ADA_L", password }, db)).toEqual("user" in made && made.user);
    expect(await signInWithPassword({ name: "ada_l", password: `${password}!` }, db)).toBeNull();
    expect(await signInWithPassword({ name: "nobody", password }, db)).toBeNull();
    expect(await signInWithPassword({ name: "a\0", password }, db)).toBeNull();
  });

  it("takes a password of 256 emoji whole, so that no shorter one signs in", async () => {
    const { db } = installation();
    const long = Array.from({ length: 256 }, (_, i) => String.fromCodePoint(0x1f300 + ((i * 37) % 256))).join("");
    await signUp(signUpSchema.parse({ name: "emoji", password: long }), db);
    expect(await signInWithPassword({ name: "emoji", password: long }, db)).not.toBeNull();
    for (const other of [long.slice(0, 510), `${long}!`])
      expect(await signInWithPassword({ name: "emoji", password: other }, db)).toBeNull();
  });

  it("gives a name to only one of two concurrent sign-ups", async () => {
    const { db } = installation();
    const answers = await Promise.all([1, 2, 3].map(() => signUp({ name: "grace", password }, db)));
    expect(answers.filter((answer) => "user" in answer)).toHaveLength(1);
    expect(answers.filter((answer) => "refusal" in answer)).toMatchObject(
      Array(2).fill({ refusal: { reason: "name-taken", field: "name", found: "grace" } }),
    );
  });

  it("gives out a name once and for ever, and none that looks like it", async () => {
    const { db } = installation();
    const answers = await Promise.all(
      ["mallory", "ma11ory", "mal-lory", "rnallory", "mallory_"].map((name) => signUp({ name, password }, db)),
    );
    const [made, ...others] = answers.sort((a, b) => Number("refusal" in a) - Number("refusal" in b));
    expect(others).toMatchObject(Array(4).fill({ refusal: { reason: "name-taken", field: "name" } }));
    await deleteAccount((made as { user: { id: string } }).user.id, db);
    for (const name of ["mallory", "ma11ory"]) expect(await signUp({ name, password }, db)).toHaveProperty("refusal");
    const identity = { provider: "github", providerAccountId: "m", name: "Mallory", image: null };
    expect((await accountOf(identity, db)).name).toBe("mallory-2");
    await expect(db.accountName.deleteMany()).rejects.toThrow(/account_name is kept/);
  });

  it("gives no account a word of the site, nor a provider's account", async () => {
    const { db } = installation();
    for (const name of ["admin", "Maintainer", "built-in", "dmbench", "dm-bench", "api", "adm1n", "dmbn", "d_m_b_n"])
      expect(signUpSchema.safeParse({ name, password }).error?.issues).toMatchObject([{ path: ["name"] }]);
    const identity = { provider: "github", providerAccountId: "a", name: "Admin", image: null };
    expect((await accountOf(identity, db)).name).toMatch(/^newcomer/);
  });

  it("finds the names of accounts of before as taken, by the migration's own expression", async () => {
    const { db } = installation();
    const [folder] = readdirSync("prisma/migrations").filter((name) => name.endsWith("names_and_sessions"));
    const script = readFileSync(`prisma/migrations/${folder}/migration.sql`, "utf8");
    const expression = /SELECT DISTINCT (.*) FROM "user"/.exec(script)![1]!;
    const character = fc.constantFrom(..."abcdefghijklmnopqrstuvwxyz0123456789-_");
    const names = fc.sample(fc.string({ unit: character, minLength: 2, maxLength: 32 }), 2000);
    const rows = await db.$queryRawUnsafe<{ key: string }[]>(
      `SELECT ${expression} AS key FROM unnest($1::text[]) WITH ORDINALITY AS "user" (name, i) ORDER BY i`,
      names,
    );
    expect(rows.map(({ key }) => key)).toEqual(names.map((name) => lookAlikeKey(name)));
  });

  it("creates one account for a provider's identity, and never takes over one of the same name", async () => {
    const { db } = installation();
    await signUp({ name: "octocat", password }, db);
    const identity = { provider: "github", providerAccountId: "583231", name: "Octocat", image: null };
    const accounts = await Promise.all([1, 2, 3, 4].map(() => accountOf(identity, db)));
    expect(new Set(accounts.map(({ id }) => id)).size).toBe(1);
    expect(accounts[0]!.name).toBe("octocat-2");
    expect(await accountOf({ ...identity, name: "renamed" }, db)).toEqual(accounts[0]);
    expect((await accountOf({ ...identity, provider: "google", name: "李 明" }, db)).name).toMatch(/^newcomer/);
  });

  it("allows no password sign-in to a provider's account", async () => {
    const { db } = installation();
    const { name } = await accountOf({ provider: "oidc", providerAccountId: "1", name: "zoe", image: null }, db);
    expect(await signInWithPassword({ name, password: "" }, db)).toBeNull();
    expect(await signInWithPassword({ name, password: "null" }, db)).toBeNull();
  });
});

it("counts the characters of a password in code points, and says so where one is reset", async () => {
  const horses = "🐎".repeat(7);
  await expect(resetPassword("ada", horses, { folder: "/never-opened" })).rejects.toThrow(
    "password: expected at least 8 characters, found 7 characters.",
  );
});
