/** Leases: who was slow changes nothing of a job that another has taken over. */
import { expect, it } from "vitest";
import { enqueue, fail, finish, jobKinds, lease, markScored, release, renew } from "@/lib/server/scoring/jobs";
import { onEachDatabase } from "../databases";

onEachDatabase("a job whose lease expired", (installation) => {
  it("belongs to who leased it last", async () => {
    const { db } = installation();
    const { id: benchmarkId } = await db.benchmark.findFirstOrThrow({ select: { id: true } });
    await enqueue(db, [{ kind: "record", lane: "background", benchmarkId, number: 1 }]);
    const next = () =>
      lease(db, "background", { kinds: jobKinds, recordable: [benchmarkId], auditable: [], paused: false });
    const slow = (await next())!;
    expect(await next()).toBeNull();
    await db.job.update({ where: { id: slow.id }, data: { leasedUntil: new Date(0) } });
    const taken = (await next())!;
    expect(taken).toMatchObject({ id: slow.id, attempts: slow.attempts + 1 });

    await renew(db, slow);
    await fail(db, slow, "it was slow", { forGood: true });
    await release(db, slow);
    await finish(db, slow);
    expect(await db.job.findUnique({ where: { id: slow.id } })).toEqual(taken);

    await renew(db, taken);
    expect((await db.job.findUniqueOrThrow({ where: { id: slow.id } })).leasedUntil!.getTime()).toBeGreaterThanOrEqual(
      taken.leasedUntil!.getTime(),
    );
    await finish(db, taken);
    expect(await db.job.count()).toBe(0);
  });

  it("is given up after five, but not if only its board was left to be brought up to date", async () => {
    const { db } = installation();
    const { id: benchmarkId } = await db.benchmark.findFirstOrThrow({ select: { id: true } });
    const policies = await db.policy.findMany({ take: 2, select: { id: true } });
    await enqueue(
      db,
      policies.map(({ id: policyId }) => ({ kind: "score", lane: "prompt", benchmarkId, policyId })),
    );
    const next = () => lease(db, "prompt", { kinds: jobKinds, recordable: [], auditable: [], paused: false });
    for (let turn = 0; turn < 5; turn += 1) {
      for (const scored of [(await next())!, (await next())!].filter(({ policyId }) => policyId === policies[0]!.id))
        await markScored(db, scored);
      await db.job.updateMany({ data: { leasedUntil: new Date(0) } });
    }
    expect(await next()).toMatchObject({ policyId: policies[0]!.id, attempts: 6 });
    expect(await next()).toBeNull();
    const given = await db.job.findMany({ where: { failedAt: { not: null } }, select: { policyId: true } });
    expect(given).toEqual([{ policyId: policies[1]!.id }]);
  });
});
