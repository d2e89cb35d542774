import { beforeAll, expect, it } from "vitest";
import { parsePolicy, policyHash, schedule } from "@/lib/dmbn/policy";
import { scorerVersion } from "@/lib/leaderboard";
import { overBoardsTable } from "@/lib/server/boards/over-boards";
import { refreshBoards } from "@/lib/server/boards/refresh";
import { bumpRevisions } from "@/lib/server/boards/revisions";
import { onEachDatabase } from "../databases";

const slugs = ["digits-mlp", "mnist-mlp", "fashion-mnist-mlp"];
const submitted = 210;
const runs = 2;

/**
 * Accuracy of a policy on a run of a board, all different. Submitted policies are better the higher their number, but on
 * the last board the first of them is the best, which is far from it elsewhere.
 */
const accuracyOf = (board: number, policy: number, run: number): number =>
  (board === 2 && policy === 0 ? 0.97 : 0.6 + policy / 1000) + board / 1e4 + (run * (policy % 7)) / 1e5;

onEachDatabase("the board over all boards", (installation) => {
  beforeAll(async () => {
    const { db } = installation();
    const benchmarks = await db.benchmark.findMany({ where: { slug: { in: slugs } } });
    const policies = await db.policy.createManyAndReturn({
      data: Array.from({ length: submitted }, (_, index) => {
        const document = parsePolicy(schedule(String(0.1013 + index / 1000)));
        const name = `Submitted ${index}`;
        return {
          slug: `submitted-${index}`,
          hash: policyHash(document),
          name,
          givenName: name,
          description: "",
          rule: "",
          kind: "schedule" as const,
          document,
        };
      }),
      select: { id: true },
    });
    const builtIn = await db.policy.findMany({ where: { slug: { in: ["dmbn", "pytorch-default"] } } });
    const policyIds = [...policies, ...builtIn].map(({ id }) => id);
    for (const [board, slug] of slugs.entries()) {
      const benchmarkId = benchmarks.find((benchmark) => benchmark.slug === slug)!.id;
      for (const variant of board === 0 ? ["bn", "bn-bfn"] : ["bn"])
        for (let run = 0; run < runs; run++) {
          const trajectory = await db.trajectory.create({
            data: {
              benchmarkId,
              variant,
              seed: BigInt(run),
              visibility: "held_out",
              number: run + 1,
              artifactKey: "",
              artifactHash: "",
              artifactBytes: 0n,
              datasetVersion: "",
              datasetHash: "",
              software: {},
            },
          });
          await db.score.createMany({
            data: policyIds.map((policyId, policy) => {
              const accuracy = accuracyOf(board, policy, run) - (variant === "bn" ? 0 : 0.1);
              return {
                policyId,
                trajectoryId: trajectory.id,
                scorerVersion,
                accuracy,
                sensitivity: accuracy,
                specificity: accuracy,
                fScore: accuracy,
                esm: 0,
                confusionMatrix: [],
                esmLayers: [],
                momentumPerLayer: [],
                edgeOfGrid: [],
                predictionsKey: "",
                predictionsHash: "",
              };
            }),
          });
        }
      await refreshBoards(
        db,
        (board === 0 ? ["bn", "bn-bfn"] : ["bn"]).map((variant) => ({
          benchmarkId,
          division: "closed" as const,
          variant,
          policyIds,
        })),
      );
    }
  });

  it("has the first of each board, every built-in policy, and of the others those with the least regret", async () => {
    const { boards, methods, of } = await overBoardsTable({ board: [], variant: [] }, installation().db);
    expect(boards.map(({ slug }) => slug)).toEqual(slugs);
    expect(of).toBe(2 * (submitted + 2));
    expect(methods).toHaveLength(200);
    const names = methods.map(({ method }) => method);
    for (const method of ["bn/submitted-0", "bn/dmbn", "bn-bfn/dmbn", "bn/pytorch-default", "bn-bfn/pytorch-default"])
      expect(names).toContain(method);
    const others = names.filter((name) => name.startsWith("bn/submitted-") && name !== "bn/submitted-0");
    const worst = others.reduce((least, name) => Math.min(least, Number(name.split("-").at(-1))), Infinity);
    expect(others.length).toBe(submitted - worst); // the last of them, without a gap
  });

  it("measures regret from the mean over runs of the best on each board", async () => {
    const { methods } = await overBoardsTable({ board: [], variant: ["bn"] }, installation().db);
    const mean = (board: number, policy: number) =>
      Array.from({ length: runs }, (_, run) => accuracyOf(board, policy, run)).reduce((a, b) => a + b, 0) / runs;
    const best = slugs.map((_, board) =>
      Array.from({ length: submitted + 2 }, (_, policy) => mean(board, policy)).reduce((a, b) => Math.max(a, b)),
    );
    for (const number of [0, 200, submitted - 1]) {
      const row = methods.find(({ method }) => method === `bn/submitted-${number}`)!;
      const regrets = slugs.map((_, board) => best[board]! - mean(board, number));
      for (const [board, regret] of regrets.entries()) expect(row.regrets[board]).toBeCloseTo(regret, 12);
      expect(row.mean).toBeCloseTo(regrets.reduce((a, b) => a + b) / 3, 12);
      expect(row.worst).toBeCloseTo(Math.max(...regrets), 12);
      expect(row.iqm!.low).toBeLessThanOrEqual(row.iqm!.high!);
    }
  });

  it("counts only the boards and variants asked for, and leaves out a hidden policy", async () => {
    const { db } = installation();
    const one = await overBoardsTable({ board: ["digits-mlp"], variant: ["bn-bfn"] }, db);
    expect(one.boards.map(({ slug }) => slug)).toEqual(["digits-mlp"]);
    expect(new Set(one.methods.map(({ variant }) => variant))).toEqual(new Set(["bn-bfn"]));
    expect(one.methods.reduce((least, { mean }) => Math.min(least, mean!), 1)).toBe(0);
    const elsewhere = await overBoardsTable({ board: ["mnist-mlp"], variant: ["bn-bfn"] }, db);
    expect(elsewhere).toEqual({ boards: [], methods: [], of: 0 });
    const missing = await overBoardsTable({ board: [], variant: [] }, db);
    expect(missing.methods.find(({ method }) => method === "bn-bfn/dmbn")).toMatchObject({
      regrets: [expect.any(Number), null, null],
      iqm: null,
    });
  });

  it("shows one of those whose predictions agree on every board, and both where they differ on one", async () => {
    const { db } = installation();
    const policy = await db.policy.findFirstOrThrow({ where: { slug: "submitted-208" } });
    const first = await db.policy.findFirstOrThrow({ where: { slug: "submitted-207" } });
    const rows = await db.boardRow.findMany({
      where: { policyId: policy.id, variant: "bn" },
      select: { id: true, benchmarkId: true },
    });
    const shown = async () => {
      const { methods } = await overBoardsTable({ board: [], variant: ["bn"] }, db);
      return methods.some(({ method }) => method === "bn/submitted-208");
    };
    for (const [index, { id, benchmarkId }] of rows.entries()) {
      expect(await shown(), `alike on ${index} of ${rows.length} boards`).toBe(true);
      await db.boardRow.update({ where: { id }, data: { sameAs: `bn/${first.id}` } });
      await bumpRevisions(db, [{ benchmarkId, division: "closed" }]);
    }
    expect(await shown()).toBe(false);
  });

  it("is computed once until a board changes", async () => {
    const { db } = installation();
    const first = await overBoardsTable({ board: [], variant: [] }, db);
    expect(await overBoardsTable({ board: [], variant: [] }, db)).toBe(first);
    const { benchmarkId, policyId } = await db.boardRow.findFirstOrThrow({
      where: { division: "closed", variant: "bn", policy: { slug: "submitted-209" } },
    });
    await db.policy.update({ where: { id: policyId }, data: { hiddenAt: new Date() } });
    await refreshBoards(db, [{ benchmarkId, division: "closed", variant: "bn", policyIds: [policyId] }]);
    const { methods } = await overBoardsTable({ board: [], variant: [] }, db);
    expect(methods.some(({ method }) => method === "bn/submitted-209")).toBe(false);
  });
});
