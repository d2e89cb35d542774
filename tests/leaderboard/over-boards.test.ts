import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { overBoards } from "@/lib/evaluation";
import type { OverBoardsEntry, OverBoardsView } from "@/lib/leaderboard";
import {
  firstOverBoardsDirection,
  orderOverBoards,
  overBoardsApiHref,
  overBoardsCsv,
  overBoardsHref,
  overBoardsViewSchema,
  readOverBoardsView,
} from "@/lib/leaderboard";
import { variantNames } from "@/lib/records";

const slug = fc.stringMatching(/^[a-z0-9-]{1,20}$/);
const sort = fc.constantFrom("mean" as const, "worst" as const, "iqm" as const, "method" as const);

const views: fc.Arbitrary<OverBoardsView> = fc
  .record(
    {
      board: fc.uniqueArray(slug, { maxLength: 5 }),
      variant: fc.uniqueArray(fc.constantFrom(...variantNames), { maxLength: 3 }),
      sort,
      direction: fc.constantFrom("ascending" as const, "descending" as const),
      rows: fc.constantFrom("first" as const, "all" as const),
    },
    { requiredKeys: ["board", "variant", "sort", "rows"] },
  )
  .map(({ direction, ...view }) => ({
    ...view,
    ...(direction && direction !== firstOverBoardsDirection(view.sort) && { direction }),
  }));

const paramsOf = (href: string) => {
  const query = new URL(href, "http://site").searchParams;
  return Object.fromEntries([...new Set(query.keys())].map((name) => [name, query.getAll(name)])) as Record<
    string,
    string[]
  >;
};
const single = (params: Record<string, string[]>) =>
  Object.fromEntries(Object.entries(params).map(([name, values]) => [name, values.length === 1 ? values[0]! : values]));

/** Boards on which some methods are missing, with accuracies from so few values that many tie. */
const entries = fc
  .array(
    fc.dictionary(
      fc.constantFrom("bn/a", "bn/b", "bn-bfn/a", "bn/c", "bn-bfn/d"),
      fc.array(
        fc.integer({ min: 0, max: 8 }).map((n) => n / 8),
        { minLength: 1, maxLength: 4 },
      ),
      { minKeys: 1 },
    ),
    { minLength: 1, maxLength: 4 },
  )
  .map((boards) =>
    [
      ...overBoards(
        boards.map((methods) => ({ methods: new Map(Object.entries(methods)) })),
        { draws: 20 },
      ),
    ].map(([method, figures]): OverBoardsEntry => {
      const [variant, policy] = method.split("/") as [OverBoardsEntry["variant"], string];
      return { method, variant, policy: { slug: policy, name: `Policy ${policy}`, builtIn: true }, ...figures };
    }),
  );

describe("the address of the board over all boards", () => {
  it("encodes every view, decodes to the same one, and has one spelling", () => {
    fc.assert(
      fc.property(views, (view) => {
        const href = overBoardsHref(view);
        const read = readOverBoardsView(single(paramsOf(href)));
        expect(read).toEqual(view);
        expect(overBoardsHref(read)).toBe(href);
      }),
      { numRuns: 300 },
    );
    expect(overBoardsHref(readOverBoardsView({}))).toBe("/leaderboard");
  });

  it("has an address of the API, which accepts it", () => {
    fc.assert(
      fc.property(views, (view) => {
        const { format: _, ...params } = single(paramsOf(overBoardsApiHref(view, "csv")));
        expect(overBoardsViewSchema.safeParse(params).success).toBe(true);
      }),
    );
  });

  it("ignores invalid parameters and keeps the valid ones", () => {
    expect(
      readOverBoardsView({ board: ["digits-mlp", "no slug"], variant: "nonsense", sort: "colour", stranger: "1" }),
    ).toEqual({ board: ["digits-mlp"], variant: [], sort: "mean", rows: "first" });
  });
});

it("gives no interval from a single run, which says nothing of others", () => {
  const boards = (runs: number[]) => [
    { methods: new Map([["bn/a", runs]]) },
    { methods: new Map([["bn/a", [0.5, 0.7]]]) },
  ];
  expect(overBoards(boards([0.9])).get("bn/a")!.iqm).toMatchObject({ low: null, high: null });
  expect(overBoards(boards([0.9, 0.8])).get("bn/a")!.iqm).toMatchObject({ low: expect.any(Number) });
});

describe("the order of methods over boards", () => {
  it("puts better figures first, and methods that are missing from a board after all others", () => {
    fc.assert(
      fc.property(entries, sort, (methods, key) => {
        const ordered = orderOverBoards(methods, { sort: key });
        expect(ordered.map(({ method }) => method).sort()).toEqual(methods.map(({ method }) => method).sort());
        for (const [index, after] of ordered.entries()) {
          const before = ordered[index - 1];
          if (!before) continue;
          if (key === "method") expect(before.policy.name <= after.policy.name).toBe(true);
          else if (key === "iqm") {
            if (after.iqm) expect(before.iqm!.mean).toBeGreaterThanOrEqual(after.iqm.mean);
          } else {
            const [gapBefore, gapAfter] = [before, after].map(({ regrets }) => regrets.includes(null));
            expect(Number(gapBefore)).toBeLessThanOrEqual(Number(gapAfter));
            if (gapBefore === gapAfter) expect(before[key]!).toBeLessThanOrEqual(after[key]!);
          }
        }
      }),
      { numRuns: 300 },
    );
  });

  it("doesn't depend on the order it is given", () => {
    fc.assert(
      fc.property(
        entries,
        sort,
        fc.constantFrom("ascending" as const, "descending" as const),
        (methods, key, direction) => {
          const view = { sort: key, direction };
          expect(orderOverBoards([...methods].reverse(), view)).toEqual(orderOverBoards(methods, view));
        },
      ),
    );
    expect(firstOverBoardsDirection("iqm")).toBe("descending");
    expect(firstOverBoardsDirection("worst")).toBe("ascending");
  });

  it("is a file with a column of regrets for each board", () => {
    fc.assert(
      fc.property(entries, (methods) => {
        const boards = methods[0]!.regrets.map((_, index) => `board-${index}`);
        const lines = overBoardsCsv(boards, methods).split("\r\n");
        expect(lines[0]).toBe(
          `name,method,variant,mean_regret,worst_regret,iqm,iqm_low,iqm_high,${boards.map((board) => `regret_${board}`).join()}`,
        );
        expect(lines).toHaveLength(methods.length + 2);
        for (const [index, { method, regrets }] of methods.entries()) {
          const fields = lines[index + 1]!.split(",");
          expect(fields[1]).toBe(method);
          expect(fields.slice(8)).toEqual(regrets.map((regret) => (regret === null ? "" : String(regret))));
        }
      }),
    );
  });
});
