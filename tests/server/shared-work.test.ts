import { expect, it } from "vitest";
import { shareWork } from "@/lib/server/shared-work";
import { onEachDatabase } from "./databases";

const pace = { pauseAfter: () => 100, limitMs: 10_000 };

onEachDatabase("work that instances share", (installation) => {
  it("is done once or twice for all who ask at once, never at the same time, with a pause between", async () => {
    const { db } = installation();
    const runs: { begun: number; ended: number }[] = [];
    const work = async () => {
      const begun = performance.now();
      await new Promise((resolve) => setTimeout(resolve, 50));
      runs.push({ begun, ended: performance.now() });
    };
    // Connections first: to open one takes a busy machine longer than a run, and who asks later gets a run of their own.
    await Promise.all(Array.from({ length: 8 }, () => db.$queryRaw`SELECT pg_sleep(0.05)::text`));
    await Promise.all(Array.from({ length: 8 }, () => shareWork(db, "work", work, pace)));
    expect([1, 2]).toContain(runs.length);
    const before = runs.length;
    await shareWork(db, "work", work, pace); // asked for after they began
    expect(runs).toHaveLength(before + 1);
    // The pause is measured by the clock of the database: a few milliseconds may lie between.
    for (const [index, { begun }] of runs.slice(1).entries()) expect(begun - runs[index]!.ended).toBeGreaterThan(90);
  });

  it("stores nothing of a run that fails, and the next one begins at once", async () => {
    const { db } = installation();
    const fail = shareWork(
      db,
      "failing",
      async (tx) => {
        await tx.user.create({ data: { name: "of a failed run" } });
        throw new Error("no memory");
      },
      pace,
    );
    await expect(fail).rejects.toThrow("no memory");
    expect(await db.user.count({ where: { name: "of a failed run" } })).toBe(0);
    let runs = 0;
    await shareWork(
      db,
      "failing",
      async () => {
        runs += 1;
      },
      pace,
    );
    expect(runs).toBe(1);
  });
});
