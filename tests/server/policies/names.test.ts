import fc from "fast-check";
import { expect, it } from "vitest";
import { lookAlikeKey } from "@/lib/server/look-alike";
import { deleteAccount } from "@/lib/server/people/accounts";
import { lockNames, nameStoredPolicies, printNames } from "@/lib/server/policies/names";
import { onEachDatabase } from "../databases";

let made = 0;

onEachDatabase("names of policies", (installation) => {
  const author = async (name: string) => {
    const { db } = installation();
    return (await db.user.upsert({ where: { name }, create: { name }, update: {} })).id;
  };

  /** Adds a policy as a submission does. */
  async function add(givenName: string, by: string): Promise<string> {
    const { db } = installation();
    const authorId = await author(by);
    const nameKey = lookAlikeKey(givenName);
    made += 1;
    const slug = `policy-${made}`;
    const data = { slug, hash: slug, name: givenName, givenName, nameKey, authorId, description: "", rule: "0.9" };
    await db.$transaction(async (tx) => {
      await lockNames(tx, [nameKey]);
      await tx.policy.create({ data: { ...data, kind: "schedule", document: {} } });
      await printNames(tx, [nameKey]);
    });
    return slug;
  }
  const printed = async (...slugs: string[]) => {
    const rows = await installation().db.policy.findMany({ where: { slug: { in: slugs } } });
    return slugs.map((slug) => rows.find((row) => row.slug === slug)!.name);
  };

  it("stand with their authors from the moment that two look alike", async () => {
    const first = await add("Gentle start", "ada");
    expect(await printed(first)).toEqual(["Gentle start"]);
    const second = await add("Gent1e  stаrt", "bob"); // a 1, and a Cyrillic а
    expect(await printed(first, second)).toEqual(["Gentle start (ada)", "Gent1e  stаrt (bob)"]);
  });

  it("can't imitate a name with its author", async () => {
    const slugs = [await add("Slow end", "ada"), await add("Slow end", "bob"), await add("Slow end (ada)", "eve")];
    expect(await printed(...slugs)).toEqual(["Slow end (ada)", "Slow end (bob)", "Slow end (ada) (eve)"]);
  });

  it("stand with their authors when they are added at the same time", async () => {
    const authors = ["ada", "bob", "eve", "zoe"];
    await Promise.all(authors.map(author));
    const slugs = await Promise.all(authors.map((by) => add("At once", by)));
    expect(await printed(...slugs)).toEqual(authors.map((by) => `At once (${by})`));
  });

  it("are told apart by their authors, whichever come in whatever order", async () => {
    const { db } = installation();
    const word = fc.constantFrom(
      "Late",
      "Lаte",
      "L4te",
      "Late.",
      "LATE",
      "Late (ada)",
      "Late (bob)",
      "L-ate",
      "Lаte (ada)",
    );
    const submissions = fc.sample(fc.record({ name: word, by: fc.constantFrom("ada", "bob", "eve", "zoe") }), 40);
    const slugs: string[] = [];
    for (const { name, by } of submissions) slugs.push(await add(name, by));
    const rows = await db.policy.findMany({ where: { slug: { in: slugs } }, include: { author: true } });
    for (const { name, nameKey, author } of rows) {
      const twins = rows.filter((row) => row.nameKey === nameKey);
      if (twins.length > 1) expect(name.endsWith(` (${author!.name})`), name).toBe(true);
      expect(rows.filter((row) => row.name === name && row.author!.name !== author!.name)).toEqual([]);
    }
  });

  it("never name the author of before when an account is deleted while a namesake is added", async () => {
    for (let round = 1; round <= 5; round += 1) {
      const first = await add(`Round ${round}`, `leaver-${round}`);
      const [, second] = await Promise.all([
        deleteAccount(await author(`leaver-${round}`), installation().db),
        add(`Round ${round}`, "ada"),
      ]);
      expect(await printed(first, second)).toEqual([`Round ${round} (deleted account)`, `Round ${round} (ada)`]);
    }
  });

  it("say that an author's account is deleted, on the boards too", async () => {
    const { db } = installation();
    const slugs = [await add("Left behind", "leaver"), await add("Left behind", "ada")];
    const { id: benchmarkId } = await db.benchmark.findFirstOrThrow({ where: { slug: "digits-mlp" } });
    const template = await db.policy.findUniqueOrThrow({ where: { slug: slugs[0]! } });
    const figures = { accuracyMean: 0.9, sensitivityMean: 0.9, specificityMean: 0.9, fScoreMean: 0.9, esmMean: 1 };
    await db.boardRow.create({
      data: { benchmarkId, division: "open", variant: "bn", policyId: template.id, tier: 1, runs: 1, n: 1, ...figures },
    });
    const revision = async () =>
      (await db.boardRevision.findFirst({ where: { benchmarkId, division: "open" } }))?.revision ?? 0n;
    const before = await revision();
    await deleteAccount(await author("leaver"), db);
    expect(await printed(...slugs)).toEqual(["Left behind (deleted account)", "Left behind (ada)"]);
    expect(await revision()).toBeGreaterThan(before);
  });

  it("are given to policies of before, and to those that a new built-in policy meets", async () => {
    const { db } = installation();
    const old = await add("Old one", "ada");
    await db.policy.update({ where: { slug: old }, data: { nameKey: null } });
    const twin = await add("O1d one", "bob");
    const squatter = await add("DMBN", "eve");
    await db.policy.update({ where: { slug: squatter }, data: { name: "DMBN" } });
    await nameStoredPolicies(db);
    expect(await printed(old, twin, squatter, "dmbn")).toEqual([
      "Old one (ada)",
      "O1d one (bob)",
      "DMBN (eve)",
      "DMBN",
    ]);
  });
});
