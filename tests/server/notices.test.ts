/** Who is told what: of audits, reproductions, flags and their decisions, and of being overtaken. */
import { beforeAll, expect, it } from "vitest";
import { standings } from "@/lib/leaderboard";
import { rankBoard } from "@/lib/server/boards/rank";
import { bumpRevisions } from "@/lib/server/boards/revisions";
import { decideFlag, raiseFlag } from "@/lib/server/moderation/moderate";
import { markRead, mutedNotices, muteNotices, noticesOf, unreadNotices } from "@/lib/server/notices/read";
import { deleteAccount } from "@/lib/server/people/accounts";
import { publish } from "@/lib/server/runs/publish";
import type { TestData } from "../leaderboard/a-submission";
import { aSubmission } from "../leaderboard/a-submission";
import { ranked } from "./a-ticket";
import { onEachDatabase } from "./databases";
import { accounts, digitsTestData } from "./material";

let dataset: TestData;
beforeAll(async () => {
  dataset = await digitsTestData();
});

onEachDatabase("notices", (installation) => {
  let author: string;
  let reader: string;
  let keeper: string;
  let original: string;
  beforeAll(async () => {
    const { db } = installation();
    [author, reader, keeper] = await accounts(db, "author", "reader", "keeper");
    original = await published(aSubmission({ dataset, seed: 5 }), author);
  });

  const published = async (submission: Parameters<typeof publish>[0], as: string): Promise<string> => {
    const outcome = await publish(submission, as, installation());
    if ("refusals" in outcome) throw new Error(JSON.stringify(outcome.refusals));
    return outcome.runId;
  };
  const reproduce = (as: string) => published({ ...aSubmission({ dataset, seed: 5 }), reproductionOf: original }, as);
  const told = async (userId: string) =>
    (await noticesOf(userId, { take: 50 }, installation().db)).map(({ kind, href }) => `${kind} ${href}`);

  it("tells an author of a reproduction by somebody else, once for each", async () => {
    expect(await reproduce(author)).toBeTruthy();
    expect(await told(author)).toEqual([]);
    const by = await reproduce(reader);
    expect(await told(author)).toEqual([`reproduced /runs/${by}`]);
    expect(await told(reader)).toEqual([]);
  });

  it("tells of a flag, and both sides of its decision", async () => {
    const { db } = installation();
    const flag = await raiseFlag({ subject: "run", id: original, reason: "It looks odd." }, reader, db);
    if ("refusal" in flag) throw new Error("refused");
    await decideFlag(flag.id, { state: "dismissed", reason: "It is as it should be." }, keeper, db);
    expect((await told(author)).sort()).toEqual([
      `decided /moderation/${flag.id}`,
      `flagged /moderation/${flag.id}`,
      expect.stringMatching(/^reproduced/),
    ]);
    expect(await told(reader)).toEqual([`decided /moderation/${flag.id}`]);
    expect(await told(keeper)).toEqual([]);
  });

  it("counts new ones until they are read; what comes later stays new", async () => {
    const { db } = installation();
    const before = await unreadNotices(author, db);
    expect(before).toBe(3);
    const [newest] = await noticesOf(author, { take: 1 }, db);
    await reproduce(keeper);
    await markRead(author, newest!.createdAt, db);
    expect(await unreadNotices(author, db)).toBe(1);
    await markRead(author, new Date(Date.now() + 60_000), db);
    expect(await unreadNotices(author, db)).toBe(0);
    expect(await noticesOf(author, { take: 50 }, db)).toHaveLength(4);
  });

  it("makes none of the kinds that the user turned off", async () => {
    const { db } = installation();
    await muteNotices(author, ["reproduced"], db);
    expect(await mutedNotices(author, db)).toEqual(["reproduced"]);
    await reproduce(reader);
    expect(await unreadNotices(author, db)).toBe(0);
    await raiseFlag({ subject: "run", id: original, reason: "It looks odd again." }, keeper, db);
    expect(await unreadNotices(author, db)).toBe(1);
    await muteNotices(author, [], db);
    await reproduce(reader);
    expect(await unreadNotices(author, db)).toBe(2);
  });

  it("tells the author of a policy that was among the best, once some are better", async () => {
    const { db } = installation();
    const { id: policyId } = await db.policy.update({
      where: { slug: "keras-default" },
      data: { authorId: author },
      select: { id: true },
    });
    // Ten runs on which PyTorch's default is better by far.
    for (let run = 0; run < 10; run += 1)
      await published(await ranked(db, aSubmission({ dataset, seed: 7000 + run, wrongEvery: [40 + run, 4] })), author);
    const { id: benchmarkId } = await db.benchmark.findFirstOrThrow({ where: { slug: "digits-mlp" } });
    const board = { benchmarkId, division: "open" as const };
    const overtaken = async () => (await told(author)).filter((notice) => notice.startsWith("overtaken"));
    const rankAgain = async () => {
      await db.$transaction((tx) => bumpRevisions(tx, [board]));
      await rankBoard(db, board);
    };
    await db.run.updateMany({ where: { ranks: true }, data: { tier: 6 } });
    await db.boardRow.updateMany({ where: board, data: { tier: 6 } });
    await rankAgain();
    expect(await overtaken()).toEqual([]); // it was never among the best
    await db.boardRow.updateMany({ where: { ...board, policyId }, data: { standing: standings.indexOf("best") } });
    await rankAgain();
    expect(await overtaken()).toEqual(["overtaken /leaderboard/digits-mlp"]);
    await rankAgain();
    expect(await overtaken()).toHaveLength(1);
  });

  it("goes with the account", async () => {
    const { db } = installation();
    await deleteAccount(author, db);
    expect(await db.notice.count({ where: { userId: author } })).toBe(0);
  });
});
