import { beforeAll, expect, it } from "vitest";
import { openTicketsAtMost } from "@/lib/leaderboard";
import { boardPage } from "@/lib/server/boards/read";
import { deleteAccount } from "@/lib/server/people/accounts";
import { publish } from "@/lib/server/runs/publish";
import { recentRuns, run } from "@/lib/server/runs/read";
import { ticketCounts } from "@/lib/server/tickets/counts";
import { issueTicket } from "@/lib/server/tickets/issue";
import { ticketSeed } from "@/lib/server/tickets/seeds";
import type { TestData } from "../leaderboard/a-submission";
import { aSubmission, withField } from "../leaderboard/a-submission";
import { aTicket } from "./a-ticket";
import { onEachDatabase } from "./databases";
import { accounts, digitsTestData } from "./material";

let dataset: TestData;
const secret = "a secret of sixteen characters";

beforeAll(async () => {
  dataset = await digitsTestData();
});

onEachDatabase("tickets", (installation) => {
  let ada: string;
  let bob: string;

  beforeAll(async () => {
    const { db } = installation();
    [ada, bob] = await accounts(db, "ada", "bob");
  });

  const issue = async (request: Partial<Parameters<typeof issueTicket>[0]> = {}) => {
    const issued = await issueTicket(
      { slug: "digits-mlp", userId: null, another: false, ...request },
      { db: installation().db, secret },
    );
    if (!issued || "refusals" in issued) throw new Error("expected a ticket");
    return issued;
  };
  const send = (submission: Parameters<typeof publish>[0], as = ada) => publish(submission, as, installation());
  const rows = async (slug = "digits-mlp") =>
    (await boardPage(slug, { division: "open", rows: "all" }, { take: 1000 }, installation().db))!.rows;
  const stored = () => installation().db.run.count();

  it("gives each who asks another seed, and an account its open one again", async () => {
    const { db } = installation();
    const tickets = await Promise.all(Array.from({ length: 8 }, () => issue()));
    expect(new Set(tickets.map(({ ticket }) => ticket.seed)).size).toBe(8);
    expect(tickets.map(({ ticket }) => ticket.number).sort((a, b) => a - b)).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
    for (const { ticket } of tickets) {
      const { id } = await db.benchmark.findFirstOrThrow({ where: { slug: "digits-mlp" } });
      expect(ticket.seed).toBe(ticketSeed(secret, id, ticket.number));
      expect(ticketSeed("another secret", id, ticket.number)).not.toBe(ticket.seed);
    }
    const first = await issue({ userId: ada });
    expect(first.created).toBe(true);
    expect(await issue({ userId: ada })).toEqual({ ...first, created: false });
    expect((await issue({ userId: ada, another: true })).ticket.seed).not.toBe(first.ticket.seed);
    expect((await issue({ userId: bob })).ticket.seed).not.toBe(first.ticket.seed);
    expect((await issue({ userId: ada, slug: "digits-cnn" })).created).toBe(true);
    expect(await issueTicket({ slug: "none", userId: null, another: false }, { db, secret })).toBeNull();
  });

  it("leaves out a seed that a run of the benchmark has", async () => {
    const { db } = installation();
    const { id } = await db.benchmark.findFirstOrThrow({ where: { slug: "digits-cnn" } });
    const { _max } = await db.ticket.aggregate({ where: { benchmarkId: id }, _max: { number: true } });
    const number = (_max.number ?? 0) + 1;
    await db.trajectory.create({
      data: {
        benchmarkId: id,
        variant: "bn",
        seed: ticketSeed(secret, id, number),
        visibility: "retired",
        number: 77,
        artifactKey: "none",
        artifactHash: "none",
        artifactBytes: 0,
        datasetVersion: "1",
        datasetHash: "none",
        software: {},
      },
    });
    expect((await issue({ slug: "digits-cnn" })).ticket.number).toBe(number + 1);
  });

  it("ranks the runs with its seeds, one for each variant, and lists the others", async () => {
    const { db } = installation();
    const own = await send(aSubmission({ dataset, seed: 1 }));
    expect(await rows()).toEqual([]);
    const { ticket } = await issue();
    const methods = { dataset, seed: ticket.seed, ticket: ticket.id };
    const ranked = await send(aSubmission(methods));
    await send(aSubmission({ ...methods, variant: "bn-bfn" }));
    expect((await rows()).map(({ method, n, runs }) => [method, n, runs]).sort()).toEqual([
      ["bn-bfn/keras-default", 1, 1],
      ["bn-bfn/pytorch-default", 1, 1],
      ["bn/keras-default", 1, 1],
      ["bn/pytorch-default", 1, 1],
    ]);
    const idOf = (publication: object) => (publication as { runId: string }).runId;
    expect(await run(idOf(own), db)).toMatchObject({ seed: 1, ranks: false });
    expect(await run(idOf(ranked), db)).toMatchObject({ seed: ticket.seed, ranks: true });
    expect((await recentRuns({}, db)).map(({ ranks }) => ranks)).toEqual([true, true, false]);
    expect((await issue()).ticket.seeds).toBe(1);
    expect(await db.ticket.findUnique({ where: { id: ticket.id } })).toMatchObject({ userId: ada });
  });

  it("refuses a ticket that doesn't hold, and takes the run without it", async () => {
    const { db } = installation();
    const foreign = await aTicket(db, { seed: 101, userId: bob });
    const expired = await aTicket(db, { seed: 102, expiresAt: new Date(Date.now() - 1000) });
    const elsewhere = await aTicket(db, { seed: 103, benchmark: "digits-cnn" });
    const used = await aTicket(db, { seed: 104 });
    const sound = await aTicket(db, { seed: 105 });
    await send(aSubmission({ dataset, seed: 104, ticket: used }));
    const custom = withField(aSubmission({ dataset, seed: 105, ticket: sound }), ["record", "benchmark"], null);
    const bad: [string, Parameters<typeof publish>[0]][] = [
      ["ticket", aSubmission({ dataset, seed: 100, ticket: crypto.randomUUID() })],
      ["ticket", aSubmission({ dataset, seed: 101, ticket: foreign })],
      ["ticket", aSubmission({ dataset, seed: 102, ticket: expired })],
      ["record.benchmark", aSubmission({ dataset, seed: 103, ticket: elsewhere })],
      ["ticket", aSubmission({ dataset, seed: 104, ticket: used })],
      ["record.manifest.seed", aSubmission({ dataset, seed: 106, ticket: sound })],
      ["record.benchmark", custom],
    ];
    const before = await rows();
    for (const [field, submission] of bad) {
      const runs = await stored();
      expect(await send(submission)).toMatchObject({ refusals: [{ reason: "ticket-invalid", field }] });
      expect(await stored()).toBe(runs);
      const { ticket: _, ...without } = submission;
      expect(await send(without)).toMatchObject({ created: true });
    }
    expect(await rows()).toEqual(before);
    expect(await db.ticket.findUnique({ where: { id: sound } })).toMatchObject({ reportedAt: null, userId: null });
  });

  it("counts one of many runs that come at once with the same ticket, and its retries as itself", async () => {
    const { db } = installation();
    const ticket = await aTicket(db, { seed: 200 });
    const runs = await stored();
    const submissions = Array.from({ length: 12 }, () => aSubmission({ dataset, seed: 200, ticket }));
    const outcomes = await Promise.all(submissions.map((submission, index) => send(submission, index % 2 ? ada : bob)));
    const won = outcomes.findIndex((outcome) => "runId" in outcome);
    expect(outcomes.filter((outcome) => "runId" in outcome)).toHaveLength(1);
    for (const outcome of outcomes)
      if ("refusals" in outcome) expect(outcome.refusals[0].reason).toBe("ticket-invalid");
    expect(await stored()).toBe(runs + 1);
    expect(await send(submissions[won]!, won % 2 ? ada : bob)).toEqual({ ...outcomes[won], created: false });
  });

  it("counts what was reported beside the board and the account, also when the account is gone", async () => {
    const { db } = installation();
    const { id: benchmarkId } = await db.benchmark.findFirstOrThrow({ where: { slug: "mnist-mlp" } });
    const { id: eve } = await db.user.create({ data: { name: "eve" } });
    const mine = { benchmark: "mnist-mlp", userId: eve };
    await aTicket(db, { ...mine, seed: 1 });
    await aTicket(db, { ...mine, seed: 2, expiresAt: new Date(Date.now() - 1000) });
    const reported = await aTicket(db, { ...mine, seed: 3 });
    await db.ticket.update({ where: { id: reported }, data: { reportedAt: new Date() } });
    const counts = { issued: 3, reported: 1, open: 1 };
    expect(await ticketCounts({ userId: eve }, db)).toEqual(counts);
    expect(await ticketCounts({ benchmarkId }, db)).toEqual(counts);
    await deleteAccount(eve, db);
    expect(await ticketCounts({ userId: eve }, db)).toEqual({ issued: 0, reported: 0, open: 0 });
    expect(await ticketCounts({ benchmarkId }, db)).toEqual(counts);
  });

  it("holds an account to some unreported tickets of a benchmark", async () => {
    const { db } = installation();
    const { id: userId } = await db.user.create({ data: { name: "collector" } });
    for (let held = 0; held < openTicketsAtMost; held++)
      expect((await issue({ userId, another: held > 0 })).created).toBe(true);
    expect(await issueTicket({ slug: "digits-mlp", userId, another: true }, { db, secret })).toMatchObject({
      refusals: [{ reason: "too-many" }],
    });
    expect((await issue({ userId })).created).toBe(false);
    expect((await issue({ userId, slug: "digits-cnn" })).created).toBe(true);
  });
});
