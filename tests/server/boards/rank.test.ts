import { createElement } from "react";
import { beforeAll, expect, it } from "vitest";
import { ResolutionLine } from "@/app/leaderboard/[benchmark]/resolution-line";
import { parsePolicy, policyHash, schedule } from "@/lib/dmbn/policy";
import { evaluate, rightAnswers } from "@/lib/evaluation";
import { changeView, readBoardView, scorerVersion } from "@/lib/leaderboard";
import { sha256 } from "@/lib/server/artifacts";
import { compareMethods } from "@/lib/server/boards/compare";
import { rankBoard, unrankedBoards } from "@/lib/server/boards/rank";
import { boardPage } from "@/lib/server/boards/read";
import { refreshBoards } from "@/lib/server/boards/refresh";
import { testData } from "@/lib/server/datasets";
import { render } from "../../rendering/render";
import type { Installation } from "../databases";
import { onEachDatabase, onEmbeddedDatabase } from "../databases";

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
  const policies = await db.policy.createManyAndReturn({
    data: made.map(({ name, author }, index) => {
      const document = parsePolicy(schedule(`0.1 + ${index} / 1000`));
      return {
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
      };
    }),
    select: { id: true, slug: true },
  });
  const idOf = new Map(policies.map(({ id, slug: name }) => [name, id]));
  const scores = made.flatMap(({ name, wrong, runs: scored = runs }) =>
    trajectories.slice(0, scored).map(({ id: trajectoryId, number }) => {
      // The hardest images differ from run to run, by seven each.
      const length = typeof wrong === "number" ? wrong : wrong(number);
      const hard = new Set(Array.from({ length }, (_, image) => (image + 7 * number) % labels.length));
      const predictions = Uint8Array.from(labels, (label, image) => (hard.has(image) ? (label + 1) % 10 : label));
      return {
        policyId: idOf.get(name)!,
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
  );
  for (let start = 0; start < scores.length; start += 500)
    await db.score.createMany({ data: scores.slice(start, start + 500) });
  const board = { benchmarkId, division: "closed" as const };
  await db.$transaction((tx) => refreshBoards(tx, [{ ...board, variant, policyIds: policies.map(({ id }) => id) }]));
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

  it("knows which boards have changed since they were ranked", async () => {
    const { db } = installation();
    expect(await unrankedBoards(db)).toEqual([]);
    const { policyId } = await db.boardRow.findFirstOrThrow({ where: board });
    await db.$transaction((tx) => refreshBoards(tx, [{ ...board, variant, policyIds: [policyId] }]));
    expect(await unrankedBoards(db)).toEqual([board]);
    await rankBoard(db, board);
    expect(await unrankedBoards(db)).toEqual([]);
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

onEmbeddedDatabase("a board of more than 500 methods", (installation) => {
  /** Wrong on half an image more than the one before it: different predictions, and far behind the first in the end. */
  const wrong = (index: number) => (run: number) => 5 + Math.floor((index + (run % 2)) / 2);
  const entries = 505;
  const page = async () =>
    (await boardPage(slug, { division: "closed", rows: "all" }, { take: 1000 }, installation().db))!;

  beforeAll(async () => {
    const made = Array.from({ length: entries }, (_, index) => ({ name: `m-${index}`, wrong: wrong(index) }));
    await aScoredBoard(installation(), [...made, { name: "m-503-again", wrong: wrong(503) }], 10);
  });

  it("compares the first 500 by mean with each other, and says so", async () => {
    const { resolution } = await page();
    expect(resolution).toMatchObject({ methods: entries, exact: 500, pairs: (500 * 499) / 2 });
    expect(
      render(
        createElement(ResolutionLine, {
          resolution: resolution!,
          division: "closed",
          recorded: null,
          published: null,
        }),
      ),
    ).toMatch(
      /of 124,750 pairs apart; .*; the first 500 methods are compared with each other, the rest with the first\./,
    );
  });

  it("gives the first 500 ranks among themselves, the last of them down to the end of the board", async () => {
    const { rows: all } = await page();
    const first = all.slice(0, 500);
    expect(first.map(({ policy }) => policy.slug)).toEqual(Array.from({ length: 500 }, (_, index) => `m-${index}`));
    first.forEach(({ band }, index) => {
      expect(band!.first).toBeLessThanOrEqual(index + 1);
      expect(band!.last).toBeGreaterThanOrEqual(index + 1);
    });
    expect(first[0]!.band!.first).toBe(1);
    expect(first[200]!.band!.first).toBeGreaterThan(100);
    expect(first[200]!.band!.last).toBeLessThan(300);
    expect(first[499]!.band!.first).toBeGreaterThan(400);
    expect(first[499]!.band!.last).toBe(entries);
  });

  it("compares the rest with the first alone: told apart from it, they may hold any rank but its own", async () => {
    const { db, store } = installation();
    const { rows: all } = await page();
    const rest = all.slice(500);
    expect(rest.map(({ policy }) => policy.slug).sort()).toEqual([
      "m-500",
      "m-501",
      "m-502",
      "m-503",
      "m-503-again",
      "m-504",
    ]);
    for (const { band, gap } of rest) {
      expect(band).toEqual({ first: 2, last: entries });
      expect(gap!.mean).toBeLessThan(-245 / 355);
      expect(gap!.high).toBeLessThan(0);
    }
    const of = (name: string) => all.find(({ policy }) => policy.slug === name)!;
    expect(of("m-503-again")).toMatchObject({ sameAs: { slug: "m-503" }, gap: of("m-503").gap });
    const methods = [`${variant}/m-504`, `${variant}/m-0`];
    const { pairs } = (await compareMethods({ benchmark: slug, methods }, { db, store, testData }))!;
    const { n: _, ...difference } = pairs[0]!.difference!;
    expect(difference).toEqual(of("m-504").gap);
    expect(pairs[0]!.verdict).toBe("worse");
  });
});
