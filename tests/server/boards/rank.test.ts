import { beforeAll, expect, it } from "vitest";
import { parsePolicy, policyHash, schedule } from "@/lib/dmbn/policy";
import { evaluate, rightAnswers } from "@/lib/evaluation";
import { changeView, readBoardView, scorerVersion } from "@/lib/leaderboard";
import { sha256 } from "@/lib/server/artifacts";
import { compareMethods } from "@/lib/server/boards/compare";
import { rankBoard, unrankedBoards } from "@/lib/server/boards/rank";
import { boardPage } from "@/lib/server/boards/read";
import { refreshBoards } from "@/lib/server/boards/refresh";
import { testData } from "@/lib/server/datasets";
import type { Installation } from "../databases";
import { onEachDatabase } from "../databases";

const slug = "digits-mlp";
const variant = "bn";

/** A method that is wrong on the first `wrong` of the images that a run finds hard. */
interface Made {
  name: string;
  wrong: number | ((run: number) => number);
  author?: string;
  /** Held-out runs that it is scored on, from the first. Default: all. */
  runs?: number;
}

/** Around a mean, run by run in an order of its own. */
const scattered = (mean: number) => (run: number) => mean + (((run * (2 * mean + 1)) % 13) - 6);

/** A board of made-up answers on the real labels: images differ in difficulty, and so do runs. */
async function aScoredBoard({ db }: Installation, made: readonly Made[], runs: number) {
  const { id: benchmarkId } = await db.benchmark.findFirstOrThrow({ where: { slug } });
  const data = await testData("digits");
  if (!("testLabels" in data)) throw new Error("the digits are missing");
  const labels = data.testLabels;
  const trajectories = await db.trajectory.createManyAndReturn({
    data: Array.from({ length: runs }, (_, index) => ({
      benchmarkId,
      variant,
      seed: 100_000 + index,
      visibility: "held_out" as const,
      number: index + 1,
      artifactKey: `held-out/${index}`,
      artifactHash: sha256(Uint8Array.of(index)),
      artifactBytes: 1,
      datasetVersion: "1",
      datasetHash: "0",
      software: {},
    })),
  });
  const authors = new Map<string, string>();
  for (const name of new Set(made.flatMap(({ author }) => author ?? [])))
    authors.set(name, (await db.user.create({ data: { name } })).id);
  const ids: string[] = [];
  for (const [index, { name, wrong, author, runs: scored = runs }] of made.entries()) {
    const document = parsePolicy(schedule(`0.1 + ${index} / 1000`));
    const { id } = await db.policy.create({
      data: {
        slug: name,
        name,
        givenName: name,
        hash: policyHash(document),
        description: "",
        rule: name,
        kind: "schedule",
        document,
        authorId: author ? authors.get(author)! : null,
        builtIn: author ? null : 1000 + index,
      },
    });
    ids.push(id);
    await db.score.createMany({
      data: trajectories.slice(0, scored).map(({ id: trajectoryId, number }) => {
        // The hardest images differ from run to run, by seven each.
        const length = typeof wrong === "number" ? wrong : wrong(number);
        const hard = new Set(Array.from({ length }, (_, image) => (image + 7 * number) % labels.length));
        const predictions = Uint8Array.from(labels, (label, image) => (hard.has(image) ? (label + 1) % 10 : label));
        return {
          policyId: id,
          trajectoryId,
          scorerVersion,
          ...evaluate({ labels, predictions, classes: 10 }),
          esm: 1,
          esmLayers: [],
          momentumPerLayer: [],
          edgeOfGrid: [],
          correct: rightAnswers(labels, predictions),
          predictionsKey: "predictions/none.safetensors",
          predictionsHash: sha256(predictions),
        };
      }),
    });
  }
  const board = { benchmarkId, division: "closed" as const };
  await db.$transaction((tx) => refreshBoards(tx, [{ ...board, variant, policyIds: ids }]));
  await rankBoard(db, board);
  return board;
}

onEachDatabase("ranks of a board", (installation) => {
  let board: Awaited<ReturnType<typeof aScoredBoard>>;
  const rows = async (change: Parameters<typeof changeView>[1] = {}) =>
    (await boardPage(
      slug,
      changeView(readBoardView({}), { division: "closed", rows: "all", ...change }),
      { take: 100 },
      installation().db,
    ))!;

  beforeAll(async () => {
    board = await aScoredBoard(
      installation(),
      [
        { name: "best", wrong: 10 },
        { name: "best-again", wrong: 10 },
        { name: "near", wrong: (run) => (run % 2 === 0 ? 7 : 15) },
        { name: "worse", wrong: scattered(60) },
        { name: "hers-1", wrong: scattered(61), author: "ada" },
        { name: "hers-2", wrong: scattered(62), author: "ada" },
        { name: "hers-3", wrong: scattered(63), author: "ada" },
        { name: "hers-4", wrong: scattered(64), author: "ada" },
        { name: "started", wrong: 1, author: "bob", runs: 3 },
      ],
      12,
    );
  });

  it("gives each method the ranks that it may hold, and its gap to the best", async () => {
    const { rows: all, resolution } = await rows();
    const of = (name: string) => all.find(({ policy }) => policy.slug === name)!;
    expect(of("best").band).toEqual({ first: 1, last: 2 });
    expect(of("best").gap).toBeNull();
    expect(of("near").band).toEqual({ first: 1, last: 2 });
    expect(of("worse").band).toEqual({ first: 3, last: 7 });
    expect(of("worse").gap!.mean).toBeLessThan(-45 / 355);
    expect(of("worse").gap!.high).toBeLessThan(0);
    expect(of("near").gap!.high).toBeGreaterThanOrEqual(0);
    expect(resolution).toMatchObject({ methods: 7, runs: 12, images: 355, pairs: 21, toldApart: 10, exact: 7 });
    expect(resolution!.smallest).toBeGreaterThan(40 / 355);
    expect(resolution!.alike).toBeGreaterThan(355 - 70 - 7 * 12);
  });

  it("lets one of several methods with equal predictions stand for all", async () => {
    const { rows: all } = await rows();
    const of = (name: string) => all.find(({ policy }) => policy.slug === name)!;
    expect(of("best").standsFor).toEqual({ count: 1, first: [{ slug: "best-again", name: "best-again" }] });
    expect(of("best-again").sameAs).toEqual({ slug: "best", name: "best" });
    expect(of("best-again").band).toEqual(of("best").band);
    const usual = (await rows({ rows: "first" })).rows.map(({ policy }) => policy.slug);
    expect(usual).not.toContain("best-again");
  });

  it("shows the best three rows of an author, and all in a search or in a view of that author", async () => {
    const ofAda = ({ rows: shown }: Awaited<ReturnType<typeof rows>>) =>
      shown.filter(({ policy }) => policy.author === "ada").map(({ policy }) => policy.slug);
    const all = ["hers-1", "hers-2", "hers-3", "hers-4"];
    expect(ofAda(await rows({ rows: "first" }))).toEqual(all.slice(0, 3));
    expect(ofAda(await rows({ rows: "first", q: "hers" }))).toEqual(all);
    expect(ofAda(await rows({ rows: "first", author: ["ada"] }))).toEqual(all);
    expect(ofAda(await rows())).toEqual(all);
    for (const { policy, tries } of (await rows()).rows)
      expect(tries).toBe({ ada: 4, bob: 1 }[policy.author ?? ""] ?? null);
  });

  it("leaves out a method that lacks runs, at no cost to the others", async () => {
    const { rows: all, resolution } = await rows();
    const started = all.find(({ policy }) => policy.slug === "started")!;
    expect(started).toMatchObject({ n: 3, band: null, gap: null, sameAs: null });
    expect(resolution!.runs).toBe(12);
  });

  it("answers the same in a comparison of two as on the board", async () => {
    const { db, store } = installation();
    const { rows: all } = await rows();
    for (const name of ["near", "worse", "hers-4"]) {
      const methods = [`${variant}/${name}`, `${variant}/best`];
      const { pairs } = (await compareMethods({ benchmark: slug, methods }, { db, store, testData }))!;
      const { n: _, ...difference } = pairs[0]!.difference!;
      expect(difference).toEqual(all.find(({ policy }) => policy.slug === name)!.gap);
      expect(pairs[0]!.verdict).toBe(name === "near" ? "unresolved" : "worse");
    }
    const started = [`${variant}/started`, `${variant}/best`];
    const { pairs } = (await compareMethods({ benchmark: slug, methods: started }, { db, store, testData }))!;
    expect(pairs[0]).toMatchObject({ verdict: "unresolved", difference: { n: 3, low: null, high: null } });
  });

  it("gives the accuracy an interval for other test images too", async () => {
    const [best] = (await rows()).rows.filter(({ policy }) => policy.slug === "best");
    // The accuracy is the same on every run: seeds alone would give an interval without width.
    expect(best!.accuracy!.deviation).toBe(0);
    expect(best!.accuracy!.high! - best!.accuracy!.low!).toBeGreaterThan(0);
    expect(best!.sensitivity!.low).not.toBeNull();
  });

  it("knows which boards have rows that are newer than their ranks", async () => {
    const { db } = installation();
    expect(await unrankedBoards(db)).toEqual([]);
    await db.boardRow.updateMany({ where: board, data: { updatedAt: new Date(Date.now() + 1000) } });
    expect(await unrankedBoards(db)).toEqual([board]);
  });
});

onEachDatabase("a board of nine runs", (installation) => {
  it("has no ranks and no intervals of gaps", async () => {
    await aScoredBoard(
      installation(),
      [
        { name: "best", wrong: 10 },
        { name: "worse", wrong: 200 },
      ],
      9,
    );
    const page = (await boardPage(slug, { division: "closed" }, { take: 100 }, installation().db))!;
    expect(page.rows.map(({ band }) => band)).toEqual([null, null]);
    expect(page.rows[1]!.gap).toMatchObject({ low: null, high: null });
    expect(page.resolution).toMatchObject({ methods: 2, runs: 9, pairs: null, toldApart: null });
  });
});
