/** Work that is done while a request lasts, as functions do it. */
import { join } from "node:path";
import { afterEach, expect, it, vi } from "vitest";
import { builtInPolicies, isPeriodic } from "@/lib/dmbn/policy";
import { scoreInline } from "@/lib/server/scoring/inline";
import { jobKinds } from "@/lib/server/scoring/jobs";
import type { Scorer } from "@/lib/server/scoring/scorer";
import { startScorer } from "@/lib/server/scoring/scorer";
import type { Worker } from "@/lib/server/scoring/worker";
import { startWorker } from "@/lib/server/scoring/worker";
import { onEachDatabase } from "../databases";
import { copyRuns } from "./shipped-runs";

/** Periodic policies can be scored only while training. */
const replayable = builtInPolicies.filter(({ document }) => !isPeriodic(document));

const scoring = ["score", "catch_up"] as const;

/** On one held-out run and one public one, in both variants. */
const all = 4 * replayable.length;

afterEach(() => vi.restoreAllMocks());

onEachDatabase("work during requests", (installation) => {
  const inline = () => startScorer({ cacheBytes: 2 ** 26 }, scoreInline);
  const workerWith = (scorer: Scorer = inline()): Worker => {
    const { db, store, folder } = installation();
    copyRuns(join(folder, "shipped"), { public: 1, held_out: 1 });
    return startWorker({
      db,
      store,
      scorers: { prompt: scorer, background: [scorer] },
      folders: [join(folder, "shipped")],
      results: "nowhere",
      plan: async () => [{ slug: "digits-mlp", version: 1, runs: 2 }],
      serving: () => true,
      share: 1,
      auditSeconds: 0,
      alone: false,
      always: false,
    });
  };
  const scores = () => installation().db.score.count();
  const jobs = () =>
    installation().db.job.findMany({ where: { kind: "catch_up" }, select: { attempts: true, leasedUntil: true } });

  it("finds what there is to do, and begins nothing once the time is up", async () => {
    await workerWith().drain({ until: 0, kinds: jobKinds, scanEveryMs: 0 });
    expect(await jobs()).toEqual(Array.from({ length: 4 }, () => ({ attempts: 0, leasedUntil: null })));
    expect(await scores()).toBe(0);
  });

  it("stops at the next part when the time is up; the job is free at once, and the attempt doesn't count", async () => {
    const scorer = inline();
    const now = Date.now.bind(Date);
    const slow: Scorer = {
      ...scorer,
      async score(...task) {
        const scored = await scorer.score(...task);
        vi.spyOn(Date, "now").mockImplementation(() => now() + 3_600_000);
        return scored;
      },
    };
    await workerWith(slow).drain({ until: now() + 600_000, kinds: scoring, scanEveryMs: 0 });
    vi.restoreAllMocks();
    expect(await scores()).toBeGreaterThan(0);
    expect(await scores()).toBeLessThan(replayable.length);
    expect(await jobs()).toEqual(Array.from({ length: 4 }, () => ({ attempts: 0, leasedUntil: null })));
  });

  it("may be asked for by several at once: all is done, once, but no run is trained", async () => {
    const { db } = installation();
    const [one, other] = [workerWith(), workerWith()];
    const task = () => ({ until: Date.now() + 600_000, kinds: scoring, scanEveryMs: 0 });
    await Promise.all([one.drain(task()), one.drain(task()), other.drain(task())]);
    await one.drain(task()); // what the others had leased is done by now
    expect(await scores()).toBe(all);
    expect(await db.job.groupBy({ by: ["kind"], _count: true })).toEqual([{ kind: "record", _count: 1 }]);
    expect(await db.boardRow.count({ where: { division: "closed" } })).toBe(2 * replayable.length);
    expect(await db.staleBoardRow.count()).toBe(0);
  });

  it("trains a run where that is asked for", async () => {
    const { db } = installation();
    await workerWith().drain({ until: Date.now() + 600_000, kinds: jobKinds, scanEveryMs: 0 });
    expect(await db.trajectory.count({ where: { visibility: "held_out", number: 2 } })).toBe(2);
    expect(await scores()).toBe(all + 2 * replayable.length);
    expect(await db.job.count()).toBe(0);
  });
});
