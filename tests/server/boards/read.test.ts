import fc from "fast-check";
import { beforeAll, expect, it } from "vitest";
import type { BoardEntry, BoardView, SortKey } from "@/lib/leaderboard";
import { changeView, deviceClasses, policyKinds, readBoardView, sortKeys, standings } from "@/lib/leaderboard";
import { byMetric, metricNames } from "@/lib/records";
import { boardFacets } from "@/lib/server/boards/facets";
import { boardPage, boardRows } from "@/lib/server/boards/read";
import { testData } from "@/lib/server/datasets";
import { publish } from "@/lib/server/runs/publish";
import { aSubmission } from "../../leaderboard/a-submission";
import { aBoard } from "../a-board";
import { ranked } from "../a-ticket";
import { onEachDatabase } from "../databases";

const slug = "mnist-mlp";
const methods = 60;

/** Views with any filters and order, for a board of one division. */
const views = fc
  .record({
    q: fc.constantFrom("", "constant", "50%_", "β 1", "ada", "nothing of that kind"),
    variant: fc.subarray(["bn", "bn-bfn", "bfn"] as const),
    tier: fc.subarray([1, 2, 3, 4]),
    kind: fc.subarray([...policyKinds]),
    reproduced: fc.subarray(["yes", "no"] as const),
    device: fc.subarray([...deviceClasses]),
    author: fc.subarray(["ada", "bob", "built-in"]),
    sort: fc.option(fc.constantFrom(...sortKeys), { nil: undefined }),
    direction: fc.constantFrom("ascending", "descending"),
    pin: fc.subarray(["bn/generated-open-2", "bn-bfn/generated-open-7", "bn/not-there"]),
  })
  .map((view) => changeView(readBoardView({ division: "open" }), view as Partial<BoardView>));

const key = ({ method, seed }: BoardEntry) => `${method}@${seed ?? ""}`;

const value: Record<SortKey, (entry: BoardEntry) => number | string | null> = {
  rank: ({ standing, accuracy }) =>
    2 * (standing ? standings.indexOf(standing) : standings.length) + 1 - accuracy!.mean,
  method: ({ policy }) => policy.name.toLowerCase(),
  ...byMetric(metricNames, (metric) => (entry: BoardEntry) => entry[metric]?.mean ?? null),
  variant: ({ variant }) => variant,
  gap: ({ gap }) => gap?.mean ?? null,
  n: ({ n }) => n,
  tier: ({ tier }) => tier,
  first: ({ firstAt }) => firstAt.getTime(),
};

onEachDatabase("a view of a board", (installation) => {
  beforeAll(async () => {
    const { db } = installation();
    await aBoard(db, { benchmark: slug, division: "open", methods, authors: ["ada", "bob", "cyd"] });
    await aBoard(db, { benchmark: slug, division: "closed", methods: 5, authors: ["ada"] });
  });

  const page = async (view: BoardView, take = 7) => (await boardPage(slug, view, { take }, installation().db))!;

  it("is paginated: each row once, in order, forwards and backwards", async () => {
    await fc.assert(
      fc.asyncProperty(views, fc.integer({ min: 5, max: 20 }), async (view, take) => {
        const whole = await page(view, 1000);
        const forwards = [];
        let current = await page(view, take);
        expect(current.previous).toBeNull();
        for (;;) {
          forwards.push(current);
          if (current.next === null) break;
          current = await page({ ...view, after: current.next }, take);
        }
        expect(forwards.flatMap(({ rows }) => rows.map(key))).toEqual(whole.rows.map(key));
        expect(new Set(whole.rows.map(key)).size).toBe(whole.found);
        const backwards = [current];
        while (current.previous !== null) {
          current = await page({ ...view, before: current.previous }, take);
          backwards.unshift(current);
        }
        expect(backwards.flatMap(({ rows }) => rows.map(key))).toEqual(whole.rows.map(key));
      }),
      { numRuns: 25 },
    );
  });

  it("sorts by every key, rows without a value last in both directions", async () => {
    for (const sort of sortKeys) {
      for (const direction of ["ascending", "descending"] as const) {
        const { rows } = await page(changeView(readBoardView({ division: "open" }), { sort, direction }), 1000);
        const values = rows.map(value[sort]);
        const present = values.filter((item) => item !== null);
        expect(
          values.slice(present.length).every((item) => item === null),
          `${sort}: missing last`,
        ).toBe(true);
        if (sort === "method") continue; // its order is the database's collation
        expect(present, `${sort} ${direction}`).toEqual(
          [...present].sort((a, b) => (direction === "ascending" ? 1 : -1) * (a < b ? -1 : a > b ? 1 : 0)),
        );
      }
    }
  });

  it("shows exactly the rows that match the filters", async () => {
    const whole = await page(readBoardView({ division: "open" }), 1000);
    expect(whole.found).toBe(methods);
    await fc.assert(
      fc.asyncProperty(views, async (view) => {
        const { rows, pinned, found, of } = await page({ ...view, sort: undefined, direction: undefined }, 1000);
        const words = view.q.toLowerCase().split(" ").filter(Boolean);
        const expected = whole.rows.filter(
          ({ method, policy, variant, tier, devices, reproduced }) =>
            !view.pin.includes(method) &&
            words.every((word) =>
              [policy.name, policy.slug, policy.rule, policy.author ?? ""].join(" ").toLowerCase().includes(word),
            ) &&
            (view.variant.length === 0 || view.variant.includes(variant)) &&
            (view.tier.length === 0 || view.tier.includes(tier)) &&
            (view.reproduced.length === 0 || view.reproduced.includes(reproduced > 0 ? "yes" : "no")) &&
            (view.kind.length === 0 || (view.kind as string[]).includes(policy.kind)) &&
            (view.device.length === 0 || devices.some((device) => view.device.includes(device))) &&
            (view.author.length === 0 || view.author.includes(policy.builtIn ? "built-in" : policy.author!)),
        );
        expect(rows.map(key)).toEqual(expected.map(key));
        expect([found, of]).toEqual([expected.length, methods]);
        expect(pinned.map(({ method }) => method).sort()).toEqual(
          view.pin.filter((method) => method !== "bn/not-there").sort(),
        );
      }),
      { numRuns: 40 },
    );
  });

  it("returns the first page if the cursor's row is gone", async () => {
    expect((await page(readBoardView({ division: "open", after: "bn/gone" }))).rows.map(key)).toEqual(
      (await page(readBoardView({ division: "open" }))).rows.map(key),
    );
  });

  it("counts what each filter would leave", async () => {
    const { db } = installation();
    const facets = await boardFacets(slug, readBoardView({ division: "open" }), db);
    for (const facet of ["variant", "tier", "kind", "reproduced", "device", "author"] as const) {
      expect(facets[facet].size).toBeGreaterThan(1);
      for (const [option, count] of facets[facet])
        expect((await page(readBoardView({ division: "open", [facet]: option }), 1)).found, `${facet} ${option}`).toBe(
          count,
        );
    }
    expect((await boardFacets(slug, readBoardView({ division: "closed" }), db)).tier).toEqual(new Map([["4", 5]]));
  });

  it("can list each seed as a row, with figures whose means are the method's", async () => {
    const { db } = installation();
    const user = await db.user.create({ data: { name: "dot" } });
    const dataset = await testData("digits");
    if ("reason" in dataset) throw new Error(dataset.remedy);
    const largest = Number.MAX_SAFE_INTEGER;
    const seeds = [10, 9, largest];
    for (const [index, seed] of seeds.entries())
      await publish(
        await ranked(db, aSubmission({ dataset, seed, wrongEvery: [10 + index, 5 + index] })),
        user.id,
        installation(),
      );
    const together = (await boardPage("digits-mlp", readBoardView({ division: "open", pin: "none" }), {}, db))!;
    const each = (await boardRows(
      "digits-mlp",
      readBoardView({ division: "open", seeds: "each" }),
      { take: 100 },
      db,
    ))!;
    expect(together.rows[0]).toMatchObject({ n: 3, devices: ["wasm"], seed: null });
    expect(each.rows).toHaveLength(6);
    for (const { method, accuracy } of together.rows) {
      const ofSeeds = each.rows.filter((row) => row.method === method);
      expect(ofSeeds.reduce((sum, row) => sum + row.accuracy.mean, 0) / ofSeeds.length).toBeCloseTo(accuracy.mean, 12);
      expect(ofSeeds.map(({ seed }) => Number(seed)).sort((a, b) => a - b)).toEqual([9, 10, largest]);
    }
    const first = (await boardPage(
      "digits-mlp",
      readBoardView({ division: "open", seeds: "each", sort: "n" }),
      { take: 2 },
      db,
    ))!;
    const second = (await boardPage(
      "digits-mlp",
      { ...readBoardView({ division: "open", seeds: "each", sort: "n" }), after: first.next! },
      { take: 4 },
      db,
    ))!;
    expect([...first.rows, ...second.rows].map(key).sort()).toEqual(each.rows.map(key).sort());
    expect(first.rows.map(({ seed }) => seed)).toEqual(["9", "10"]);
    const pinned = (await boardPage(
      "digits-mlp",
      readBoardView({ division: "open", seeds: "each", pin: `bn/keras-default@${largest}` }),
      {},
      db,
    ))!;
    expect(pinned.pinned.map(key)).toEqual([`bn/keras-default@${largest}`]);
    expect(pinned.rows).toHaveLength(5);
  });
});
