/** Appeals: the author answers a decision once, and another maintainer decides. */
import { beforeAll, expect, it } from "vitest";
import { flagPage } from "@/lib/server/moderation/flags";
import { logPage } from "@/lib/server/moderation/log";
import { appealFlag, decideFlag, OwnDecision, raiseFlag } from "@/lib/server/moderation/moderate";
import { publish } from "@/lib/server/runs/publish";
import { run } from "@/lib/server/runs/read";
import { aSubmission } from "../leaderboard/a-submission";
import { onEachDatabase } from "./databases";
import { accounts, digitsTestData } from "./material";

onEachDatabase("appeals", (installation) => {
  let author: string;
  let reader: string;
  let first: string;
  let second: string;
  beforeAll(async () => {
    [author, reader, first, second] = await accounts(installation().db, "author", "reader", "first", "second");
  });

  it("are decided by another maintainer, once", async () => {
    const { db } = installation();
    const published = await publish(aSubmission({ dataset: await digitsTestData(), seed: 1 }), author, installation());
    if ("refusals" in published) throw new Error("refused");
    const id = published.runId;
    const raised = await raiseFlag({ subject: "run", id, reason: "It looks odd." }, reader, db);
    if ("refusal" in raised) throw new Error("refused");
    const flag = { id: raised.id, subject: "run", subjectId: id };
    const appeal = () => appealFlag(flag, "It is honest.", author, db);
    const decide = (state: "upheld" | "dismissed", who: string) =>
      decideFlag(flag.id, { state, reason: `It is ${state}.` }, who, db);
    const waits = async () => (await flagPage({ state: "open", take: 9 }, db)).some((open) => open.id === flag.id);

    expect(await appeal()).toBe(false); // nothing is decided
    await decide("upheld", first);
    expect([await run(id, db), await waits()]).toEqual([null, false]);
    expect(await Promise.all([appeal(), appeal()])).toEqual(expect.arrayContaining([true, false])); // once
    expect(await waits()).toBe(true);
    await expect(decide("upheld", first)).rejects.toThrow(OwnDecision);
    await decide("dismissed", second);
    expect(await run(id, db)).not.toBeNull();
    expect(await waits()).toBe(false);
    const log = await logPage({ take: 20, subject: "run", subjectId: id }, db);
    expect(log.map(({ action, actor }) => [action, actor])).toEqual([
      ["run.restored", "second"],
      ["flag.dismissed", "second"],
      ["flag.appealed", "author"],
      ["run.hidden", "first"],
      ["flag.upheld", "first"],
      ["flag.raised", null],
      ["run.published", "author"],
    ]);
    // The flag may be decided anew, by anybody; but it was appealed once.
    await decide("upheld", first);
    expect(await appeal()).toBe(false);
    await decide("dismissed", first);
  });
});
