/** Tokens, quotas, rate limits, flags, the log, and deleting an account. */
import { beforeAll, describe, expect, it } from "vitest";
import { dailyQuotas } from "@/lib/leaderboard";
import { boardPage } from "@/lib/server/boards/read";
import { testData } from "@/lib/server/datasets";
import { clientAddress, socketAddressHeader } from "@/lib/server/limits/client-address";
import { QuotaExceeded, quotasOf, requireQuota } from "@/lib/server/limits/quotas";
import { consume, limits, refund } from "@/lib/server/limits/rate-limits";
import { flagCase, flagPage, flagsAbout } from "@/lib/server/moderation/flags";
import { logPage } from "@/lib/server/moderation/log";
import { decideFlag, raiseFlag, replyToFlag } from "@/lib/server/moderation/moderate";
import { deleteAccount } from "@/lib/server/people/accounts";
import type { MaintainerClaim } from "@/lib/server/people/maintainers";
import { claimMaintainer, mayClaim, prepareMaintainers } from "@/lib/server/people/maintainers";
import { authenticate } from "@/lib/server/people/principal";
import { makeToken, revokeToken, tokensOf } from "@/lib/server/people/tokens";
import { publish } from "@/lib/server/runs/publish";
import { run } from "@/lib/server/runs/read";
import type { TestData } from "../../leaderboard/a-submission";
import { aSubmission } from "../../leaderboard/a-submission";
import { ranked } from "../a-ticket";
import { onEachDatabase } from "../databases";
import { recorded } from "../statements";

let dataset: TestData;

beforeAll(async () => {
  const loaded = await testData("digits");
  if ("reason" in loaded) throw new Error(loaded.remedy);
  dataset = loaded;
});

describe("the address of a request", () => {
  const from = (headers: Record<string, string>, proxies = 0) =>
    clientAddress(new Headers({ [socketAddressHeader]: "::ffff:203.0.113.7", ...headers }), proxies);

  it("is that of the socket, regardless of the headers that the client sends", () => {
    expect(from({})).toBe("203.0.113.7");
    expect(from({ "x-forwarded-for": "198.51.100.1" })).toBe("203.0.113.7");
  });

  it("is what the outermost proxy added, and nothing to the left of it", () => {
    expect(from({ "x-forwarded-for": "6.6.6.6, 198.51.100.1" }, 1)).toBe("198.51.100.1");
    expect(from({ "x-forwarded-for": "6.6.6.6, 198.51.100.1, 10.0.0.1" }, 2)).toBe("198.51.100.1");
  });

  it("is refused without a socket, unless a counted proxy has added it", () => {
    const without = (headers: Record<string, string>, proxies: number) =>
      clientAddress(new Headers({ "x-dmbench-peer": "203.0.113.9", ...headers }), proxies);
    expect(without({ "x-forwarded-for": "6.6.6.6, 198.51.100.1" }, 1)).toBe("198.51.100.1");
    expect(() => without({ "x-forwarded-for": "198.51.100.1" }, 0)).toThrow(
      /^DMBENCH_PROXIES: expected .*found 0, and 1/,
    );
    expect(() => without({ "x-forwarded-for": "198.51.100.1" }, 2)).toThrow(/found 2, and 1 addresses/);
    expect(() => without({}, 1)).toThrow(/found 1, and 0 addresses/);
  });

  it("is the /64 network of an IPv6 address", () => {
    expect(from({ [socketAddressHeader]: "2001:db8:1:2:3:4:5:6" })).toBe("2001:db8:1:2::/64");
    expect(from({ [socketAddressHeader]: "2001:DB8::1" })).toBe("2001:db8:0:0::/64");
  });
});

onEachDatabase("people", (installation) => {
  const account = (name: string) => installation().db.user.create({ data: { name }, select: { id: true, name: true } });
  const principalOf = (token: string) =>
    authenticate(new Request("http://site/", { headers: { authorization: `Bearer ${token}` } }), installation().db);

  it("accepts a token until it is revoked, and never stores the token itself", async () => {
    const { db } = installation();
    const ada = await account("ada");
    const made = await makeToken(ada.id, { name: "laptop", scopes: ["submit:runs"] }, db);
    if ("refusal" in made) throw new Error(made.refusal.remedy);
    expect(JSON.stringify(await db.apiToken.findMany())).not.toContain(made.token);
    expect(await principalOf(made.token)).toMatchObject({ id: ada.id, name: "ada", scopes: ["submit:runs"] });
    const [listed] = await tokensOf(ada.id, db);
    expect(listed).toMatchObject({ id: made.id, name: "laptop" });
    expect(listed!.lastUsedAt).toBeInstanceOf(Date);
    expect(await principalOf(`${made.token}x`)).toBeNull();
    expect(await revokeToken((await account("eve")).id, made.id, db)).toBe(false);
    expect(await revokeToken(ada.id, made.id, db)).toBe(true);
    expect(await principalOf(made.token)).toBeNull();
    expect(await tokensOf(ada.id, db)).toEqual([]);
  });

  it("lets a burst through, then says how long to wait; a refunded request can be consumed again", async () => {
    const { db } = installation();
    const use = { limit: "sign-in/account and address", by: "someone 192.0.2.1" } as const;
    const { burst, secondsEach } = limits[use.limit];
    const waits = await Promise.all(Array.from({ length: burst + 5 }, () => consume([use], db)));
    expect(waits.filter((wait) => wait === 0)).toHaveLength(burst);
    for (const wait of waits.filter((wait) => wait > 0)) {
      expect(wait).toBeGreaterThan(secondsEach - 10);
      expect(wait).toBeLessThanOrEqual(secondsEach);
    }
    expect(await consume([{ ...use, by: "someone 192.0.2.2" }], db)).toBe(0);
    await refund([use], db);
    expect([await consume([use], db), (await consume([use], db)) > 0]).toEqual([0, true]);
  });

  it("takes from several limits or from none, and from those of requests that come together in one statement", async () => {
    const { db, statements } = recorded(installation().db);
    const each = { limit: "secret/user", by: "one of a class" } as const;
    const all = { limit: "sign-in/address", by: "192.0.2.7" } as const;
    const { burst } = limits[each.limit];
    const waits = await Promise.all(Array.from({ length: burst }, () => consume([each, all], db)));
    expect(waits.every((wait) => wait === 0)).toBe(true);
    expect(statements).toHaveLength(1);
    const others = limits[all.limit].burst - burst;
    for (let tries = 0; tries < 3; tries += 1) expect(await consume([each, all], db)).toBeGreaterThan(0);
    const left = await Promise.all(Array.from({ length: others + 1 }, () => consume([all], db)));
    expect(left.filter((wait) => wait > 0)).toHaveLength(1);
  });

  it("asks once for the tokens of requests that come together, and notes once that they were used", async () => {
    const { db, statements } = recorded(installation().db);
    const { id, name } = await account("many-programs");
    const made = await Promise.all(
      ["a", "b", "c"].map((token) => makeToken(id, { name: token, scopes: ["submit:runs"] }, installation().db)),
    );
    const tokens = made.flatMap((token) => ("token" in token ? token.token : []));
    const principals = await Promise.all(
      [...tokens, ...tokens, `dmb_${"x".repeat(43)}`].map((token) =>
        authenticate(new Request("http://site/", { headers: { authorization: `Bearer ${token}` } }), db),
      ),
    );
    expect(principals).toEqual([...Array(6).fill({ id, name, role: "user", scopes: ["submit:runs"] }), null]);
    expect(statements).toHaveLength(2);
  });

  it("counts only stored submissions against a quota", async () => {
    const { db } = installation();
    const { id } = await account("busy");
    const left = async () => (await quotasOf(id, db)).find(({ quota }) => quota === "runs")!.left;
    const submission = aSubmission({ dataset, seed: 1 });
    expect(await left()).toBe(dailyQuotas.runs);
    await publish({ ...submission, predictions: {} }, id, installation());
    expect(await left()).toBe(dailyQuotas.runs);
    for (const _ of [1, 2]) await publish(submission, id, installation());
    expect(await left()).toBe(dailyQuotas.runs - 1);

    const runs = Array.from({ length: dailyQuotas.runs - 2 }, (_, index) => ({
      userId: id,
      idempotencyKey: `filler-${index}`,
      contentHash: "",
      variant: "bn",
      seed: 1,
      tier: 0,
      manifest: {},
      curves: {},
      timings: {},
      predictionsKey: "",
      predictionsHash: "",
      predictionsBytes: 0,
    }));
    await db.run.createMany({ data: runs });
    const last = await Promise.allSettled(
      [2, 3, 4].map((seed) => publish(aSubmission({ dataset, seed }), id, installation())),
    );
    expect(last.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
    for (const outcome of last) if (outcome.status === "rejected") expect(outcome.reason).toBeInstanceOf(QuotaExceeded);
    const spent = await db
      .$transaction((tx) => requireQuota(tx, "runs", id))
      .catch((error: unknown) => error as QuotaExceeded);
    expect(spent!.retryAfterSeconds).toBeGreaterThan(0);
    expect(spent!.retryAfterSeconds).toBeLessThanOrEqual(86_400);
    expect(await publish(submission, id, installation())).toMatchObject({ created: false });
  });

  it("hides a result whose flag is upheld, keeps its evidence, and shows it again when dismissed", async () => {
    const { db, store } = installation();
    const [author, reporter, maintainer] = [
      await account("author"),
      await account("reporter"),
      await account("keeper"),
    ];
    const published = await publish(
      await ranked(db, aSubmission({ dataset, seed: 40, policies: ["precise-bn"], wrongEvery: [50] })),
      author.id,
      installation(),
    );
    if ("refusals" in published) throw new Error("refused");
    const { runId } = published;
    const methods = async () =>
      (await boardPage("digits-mlp", { division: "open" }, { take: 1000 }, db))!.rows.map(({ method }) => method);
    expect(await methods()).toContain("bn/precise-bn");

    const flag = await raiseFlag(
      { subject: "run", id: runId, reason: "These predictions are the labels." },
      reporter.id,
      db,
    );
    if ("refusal" in flag) throw new Error(flag.refusal.remedy);
    expect(
      await raiseFlag({ subject: "run", id: runId, reason: "The same once more." }, reporter.id, db),
    ).toMatchObject({ refusal: { reason: "already-flagged" } });
    expect(
      await raiseFlag({ subject: "policy", id: "no-such", reason: "There is no such policy." }, reporter.id, db),
    ).toMatchObject({ refusal: { reason: "unknown-subject" } });
    expect((await flagPage({ state: "open", take: 10 }, db)).map(({ id }) => id)).toEqual([flag.id]);
    expect((await flagsAbout(author.id, db)).map(({ id }) => id)).toEqual([flag.id]);
    expect(await run(runId, db)).not.toBeNull();

    const { flag: about } = (await flagCase(flag.id, db))!;
    expect(about.subject.title).toBe("Digits, MLP, all BN, seed 40");
    await replyToFlag(
      { id: flag.id, subject: about.subject.kind, subjectId: about.subject.id },
      "They are not; see the seed.",
      author.id,
      db,
    );
    await decideFlag(
      flag.id,
      { state: "upheld", reason: "Identical to the labels of another split." },
      maintainer.id,
      db,
    );
    expect(await run(runId, db)).toBeNull();
    expect(await methods()).not.toContain("bn/precise-bn");
    expect(await db.runScore.count({ where: { runId } })).toBe(1);
    const { predictionsKey: key, predictionsHash } = await db.run.findUniqueOrThrow({ where: { id: runId } });
    expect(await store.get({ key, hash: predictionsHash })).not.toBeNull();
    expect(await run(runId, db, true)).toMatchObject({ id: runId });

    await decideFlag(
      flag.id,
      { state: "dismissed", reason: "The reply is right: the seed explains it." },
      maintainer.id,
      db,
    );
    expect(await run(runId, db)).not.toBeNull();
    expect(await methods()).toContain("bn/precise-bn");
    const log = await logPage({ take: 50, subject: "run", subjectId: runId }, db);
    expect(log.map(({ action }) => action)).toEqual([
      "run.restored",
      "flag.dismissed",
      "run.hidden",
      "flag.upheld",
      "flag.replied",
      "flag.raised",
      "run.published",
    ]);
    expect(log[0]).toMatchObject({ actor: "keeper", detail: { reason: "The reply is right: the seed explains it." } });
    expect(JSON.stringify(log.find(({ action }) => action === "flag.raised"))).not.toMatch(/labels|reporter/);
  });

  it("removes a hidden policy from every board and restores it", async () => {
    const { db } = installation();
    const { id: maintainer } = await account("keeper-2");
    const { id } = await account("poster");
    await publish(
      await ranked(db, aSubmission({ dataset, seed: 41, policies: ["dmbn"], wrongEvery: [9] })),
      id,
      installation(),
    );
    const flag = await raiseFlag({ subject: "policy", id: "dmbn", reason: "Not the published method." }, id, db);
    if ("refusal" in flag) throw new Error(flag.refusal.remedy);
    const listed = async () =>
      (await boardPage("digits-mlp", { division: "open" }, { take: 1000 }, db))!.rows.some(
        ({ method }) => method === "bn/dmbn",
      );
    expect(await listed()).toBe(true);
    await decideFlag(flag.id, { state: "upheld", reason: "It is another method." }, maintainer, db);
    expect(await listed()).toBe(false);
    await decideFlag(flag.id, { state: "dismissed", reason: "It is the same after all." }, maintainer, db);
    expect(await listed()).toBe(true);
  });

  it("rejects, in the database itself, changes to the log and deletion of published results", async () => {
    const { db } = installation();
    const entry = await db.logEntry.findFirstOrThrow();
    await expect(db.logEntry.update({ where: { id: entry.id }, data: { action: "nothing.happened" } })).rejects.toThrow(
      /log_entry is kept/,
    );
    await expect(db.logEntry.deleteMany({ where: { id: entry.id } })).rejects.toThrow(/log_entry is kept/);
    for (const table of ["log_entry", "run", "run_score", "policy", "score", "flag"]) {
      await expect(db.$executeRawUnsafe(`DELETE FROM ${table}`)).rejects.toThrow(/is kept/);
      await expect(db.$executeRawUnsafe(`TRUNCATE ${table} CASCADE`)).rejects.toThrow(/is kept/);
    }
    expect(await db.logEntry.findUnique({ where: { id: entry.id } })).toEqual(entry);
  });

  it("removes a deleted account's name everywhere, and keeps its results", async () => {
    const { db } = installation();
    const { id, name } = await account("leaving");
    const token = await makeToken(id, { name: "t", scopes: ["read"] }, db);
    const published = await publish(aSubmission({ dataset, seed: 42 }), id, installation());
    if ("refusals" in published || "refusal" in token) throw new Error("refused");
    await deleteAccount(id, db);
    expect(await principalOf(token.token)).toBeNull();
    expect(await run(published.runId, db)).toMatchObject({ user: null, seed: 42 });
    const [entry] = await logPage({ take: 1, subject: "run", subjectId: published.runId }, db);
    expect(entry).toMatchObject({ action: "run.published", actor: null });
    const everything = await Promise.all([db.run.findMany(), db.logEntry.findMany(), db.policy.findMany()]);
    expect(
      JSON.stringify(everything, (_key, value: unknown) => (typeof value === "bigint" ? String(value) : value)),
    ).not.toContain(name);
  });

  it("makes an account a maintainer by the code of the last start alone, once", async () => {
    const { db } = installation();
    const [first, second] = [await account("first"), await account("second")];
    const maintainers = async () =>
      (await db.user.findMany({ where: { role: "maintainer" } })).map(({ name }) => name).sort();
    const [early] = await prepareMaintainers(db, ["first", "later"]);
    const claims = await prepareMaintainers(db, ["first", "later", "first"]);
    expect(claims).toEqual(
      ["first", "later"].map((name) => ({ name, code: expect.stringMatching(/^([0-9a-f]{4}-){4}[0-9a-f]{4}$/) })),
    );
    expect(await maintainers()).toEqual([]); // a name alone gives nothing
    const stored = JSON.stringify(await db.maintainerCode.findMany());
    for (const { code } of claims) expect(stored).not.toContain(code.replaceAll("-", ""));

    const [{ code }, other] = claims as [MaintainerClaim, MaintainerClaim];
    const refused = { field: "code", reason: "invalid" };
    expect(await claimMaintainer(first, { code: early!.code }, db)).toMatchObject(refused);
    expect(await claimMaintainer(first, { code: other.code }, db)).toMatchObject(refused);
    expect(await claimMaintainer(second, { code }, db)).toMatchObject(refused);
    expect([await mayClaim("first", db), await mayClaim("second", db)]).toEqual([true, false]);
    const answers = await Promise.all(
      [1, 2, 3].map(() => claimMaintainer(first, { code: ` ${code.toUpperCase()} ` }, db)),
    );
    expect(answers.filter((refusal) => refusal === null)).toHaveLength(1);
    expect([await maintainers(), await mayClaim("first", db)]).toEqual([["first"], false]);

    await db.maintainerCode.updateMany({ data: { createdAt: new Date(Date.now() - 8 * 86_400_000) } });
    expect(await claimMaintainer(await account("later"), { code: other.code }, db)).toMatchObject(refused);
  });

  it("keeps the role with the account until the setting no longer names it", async () => {
    const { db } = installation();
    const keeper = await account("the-keeper");
    const [claim] = await prepareMaintainers(db, ["the-keeper"]);
    await claimMaintainer(keeper, claim!, db);
    const role = async () => (await db.user.findUnique({ where: { id: keeper.id } }))?.role;
    expect(await prepareMaintainers(db, ["the-keeper"])).toEqual([]);
    expect(await prepareMaintainers(db, undefined)).toEqual([]);
    expect(await role()).toBe("maintainer");
    await prepareMaintainers(db, ["another"]);
    expect(await role()).toBe("user");
    expect(
      (await db.logEntry.findMany({ where: { subjectId: keeper.id }, orderBy: { id: "asc" } })).map(
        ({ action }) => action,
      ),
    ).toEqual(["maintainer.appointed", "maintainer.dismissed"]);
    expect(await prepareMaintainers(db, ["the-keeper"])).toHaveLength(1); // to be claimed anew
  });
});
