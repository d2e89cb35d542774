import { beforeAll, expect, it } from "vitest";
import { boardPage } from "@/lib/server/boards/read";
import { refreshStaleBoards } from "@/lib/server/boards/refresh";
import { testData } from "@/lib/server/datasets";
import { checkStoredPolicies } from "@/lib/server/policies/check-stored";
import { policy } from "@/lib/server/policies/read";
import { checkStoredRuns } from "@/lib/server/runs/check-stored";
import { publish } from "@/lib/server/runs/publish";
import { recentRuns, run } from "@/lib/server/runs/read";
import type { TestData } from "../../leaderboard/a-submission";
import { aSubmission } from "../../leaderboard/a-submission";
import { ranked } from "../a-ticket";
import { onEachDatabase } from "../databases";

let dataset: TestData;

beforeAll(async () => {
  const loaded = await testData("digits");
  if ("reason" in loaded) throw new Error(loaded.remedy);
  dataset = loaded;
});

onEachDatabase("checking what is stored", (installation) => {
  let runId: string;

  beforeAll(async () => {
    const { db } = installation();
    const { id } = await db.user.create({ data: { name: "ada" } });
    const published = await publish(await ranked(db, aSubmission({ dataset })), id, installation());
    if ("refusals" in published) throw new Error(JSON.stringify(published.refusals));
    ({ runId } = published);
  });

  const methods = async () => (await boardPage("digits-mlp", { division: "open" }, {}, installation().db))!.rows.length;

  /** As at the next start after the rules have changed. */
  async function startAgain() {
    const { db } = installation();
    await db.run.updateMany({ data: { rulesVersion: 0 } });
    await db.policy.updateMany({ data: { rulesVersion: 0 } });
    const { unreadable } = await checkStoredPolicies(db);
    const counts = { unreadable, ...(await checkStoredRuns(db)) };
    await refreshStaleBoards(db);
    return counts;
  }

  it("leaves what agrees with the rules as it is, and checks it once", async () => {
    const { db } = installation();
    expect(await methods()).toBe(2);
    // Stored under today's rules.
    expect(await checkStoredRuns(db)).toEqual({ checked: 0, contradicting: 0 });
    expect(await checkStoredPolicies(db)).toEqual({ checked: 0, unreadable: 0 });
    expect(await startAgain()).toEqual({ unreadable: 0, checked: 1, contradicting: 0 });
    expect(await methods()).toBe(2);
  });

  it("takes a run that contradicts them off its board, says where, and puts it back when it agrees again", async () => {
    const { db } = installation();
    const stored = await db.runScore.findFirstOrThrow({ where: { runId, method: "bn/pytorch-default" } });
    await db.runScore.update({ where: { id: stored.id }, data: { momentumPerLayer: ["<", "<", "<"] } });
    expect(await startAgain()).toEqual({ unreadable: 0, checked: 1, contradicting: 1 });
    expect(await methods()).toBe(0);
    const shown = await run(runId, db);
    expect(shown!.issues.map(({ field, found }) => [field, found])).toEqual([
      ["record.scores[1].momentumPerLayer[0]", '"<"'],
    ]);
    expect((await recentRuns({}, db))[0]!.issues).toHaveLength(1);

    await db.runScore.update({ where: { id: stored.id }, data: { momentumPerLayer: [0.9, 0.9, 0.9] } });
    expect(await startAgain()).toEqual({ unreadable: 0, checked: 1, contradicting: 0 });
    expect(await methods()).toBe(2);
    expect((await run(runId, db))!.issues).toEqual([]);
  });

  it("names numbers out of range and lists of another length", async () => {
    const { db } = installation();
    const { curves } = await db.run.findUniqueOrThrow({ where: { id: runId } });
    const points = Array.from({ length: 4096 }, (_, step) => ({ step, value: 1e308 * (step % 2 ? 1 : -1) }));
    const layers = Array.from({ length: 20 }, (_, layer) => ({ layer: `norm${layer}`, points }));
    await db.run.update({
      where: { id: runId },
      data: { curves: { loss: points, validationAccuracy: [], shift: layers } },
    });
    await startAgain();
    const { issues } = (await run(runId, db))!;
    expect(issues.length).toBe(20); // the first of thousands
    expect(issues[0]).toMatchObject({ field: "record.curves.loss" });
    await db.run.update({ where: { id: runId }, data: { curves: curves! } });
    await startAgain();
  });

  it("takes a policy that can't be read any more off every board, and says why", async () => {
    const { db } = installation();
    const { document } = await db.policy.findUniqueOrThrow({ where: { slug: "keras-default" } });
    const change = (value: object) => db.policy.update({ where: { slug: "keras-default" }, data: { document: value } });
    await change({ kind: "schedule", momentum: "1e20 + ".repeat(80) });
    expect((await startAgain()).unreadable).toBe(1);
    expect(await methods()).toBe(1);
    expect((await policy("keras-default", db))!.issues).toMatchObject([{ field: "document.momentum" }]);
    await change(document as object);
    expect((await startAgain()).unreadable).toBe(0);
    expect(await methods()).toBe(2);
  });
});
