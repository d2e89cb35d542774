import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { BoardView } from "@/lib/leaderboard";
import {
  baselines,
  boardCharts,
  boardColumns,
  boardViewSchema,
  changeView,
  columnsOf,
  deviceClasses,
  divisions,
  firstDirection,
  policyKinds,
  readBoardView,
  sortKeys,
  usualColumns,
  writeBoardQuery,
  writeBoardView,
} from "@/lib/leaderboard";
import { isText, repairText, variantNames } from "@/lib/records";

const parsed = (query: URLSearchParams): Record<string, string | string[]> =>
  Object.fromEntries(
    [...new Set(query.keys())]
      .map((name) => [name, query.getAll(name)])
      .map(([name, all]) => [name, all!.length === 1 ? all![0]! : all!]),
  ) as Record<string, string | string[]>;

const slug = fc.stringMatching(/^[a-z0-9][a-z0-9.-]{0,20}$/);
const row = fc
  .tuple(fc.constantFrom(...variantNames), slug, fc.option(fc.nat(0xffff_ffff)))
  .map(([variant, policy, seed]) => `${variant}/${policy}${seed === null ? "" : `@${seed}`}`);
const some = <Value>(value: fc.Arbitrary<Value>) => fc.uniqueArray(value, { maxLength: 5 });

const text = fc
  .string({ unit: "grapheme", maxLength: 30 })
  .map((any) => repairText(any))
  .filter(isText);

/** Every view that the page can be in. */
const views: fc.Arbitrary<BoardView> = fc
  .record(
    {
      version: fc.integer({ min: 1, max: 999_999 }),
      division: fc.constantFrom(...divisions),
      q: fc.oneof(fc.constant(""), text),
      variant: some(fc.constantFrom(...variantNames)),
      tier: some(fc.integer({ min: 0, max: 4 })),
      kind: some(fc.constantFrom(...policyKinds)),
      reproduced: some(fc.constantFrom("yes", "no")),
      device: some(fc.constantFrom(...deviceClasses)),
      author: some(text),
      sort: fc.constantFrom(...sortKeys),
      direction: fc.constantFrom("ascending" as const, "descending" as const),
      columns: fc.subarray([...boardColumns]),
      density: fc.constantFrom("comfortable" as const, "compact" as const),
      seeds: fc.constantFrom("together" as const, "each" as const),
      rows: fc.constantFrom("first" as const, "all" as const),
      pin: some(row),
      chart: fc.constantFrom(...boardCharts),
      after: row,
      before: row,
    },
    {
      requiredKeys: [
        "division",
        "q",
        "variant",
        "tier",
        "kind",
        "reproduced",
        "device",
        "author",
        "density",
        "seeds",
        "rows",
        "pin",
      ],
    },
  )
  .map(({ after, before, ...view }) => ({
    ...changeView(view as BoardView, {}),
    ...(after ? { after } : before ? { before } : {}),
  }));

describe("the address of a view", () => {
  it("encodes every view, and decodes to the same one", () => {
    fc.assert(
      fc.property(
        views,
        (view) =>
          void expect(readBoardView(parsed(new URLSearchParams(writeBoardView(view).toString())))).toEqual(view),
      ),
      { numRuns: 500 },
    );
  });

  it("is unique for each view: reading and writing it gives the same text", () => {
    fc.assert(
      fc.property(
        views,
        (view) =>
          void expect(writeBoardView(readBoardView(parsed(writeBoardView(view)))).toString()).toBe(
            writeBoardView(view).toString(),
          ),
      ),
    );
  });

  it("passes the strict schema of the API", () => {
    fc.assert(
      fc.property(
        views,
        (view) => void expect(boardViewSchema.safeParse(parsed(writeBoardView(view))).success).toBe(true),
      ),
    );
  });

  it("is empty for the default view", () => {
    expect(writeBoardView(readBoardView({})).toString()).toBe("");
    expect(
      writeBoardView(
        readBoardView({ q: "", sort: "", columns: [...usualColumns.closed], division: "closed" }),
      ).toString(),
    ).toBe("");
  });

  it("never fails on invalid parameters, and keeps the valid ones", () => {
    const values = fc.oneof(
      fc.string(),
      fc.array(fc.string()),
      fc.constant(undefined),
      fc.constantFrom("bn", "open", "accuracy", "1"),
    );
    fc.assert(
      fc.property(
        fc.dictionary(fc.constantFrom(...Object.keys(boardViewSchema.shape), "stranger"), values),
        (query) =>
          void expect(boardViewSchema.safeParse(parsed(writeBoardView(readBoardView(query)))).success).toBe(true),
      ),
    );
    expect(
      readBoardView({ variant: ["bn", "nonsense", "bn"], tier: "2", division: ["open", "open"], sort: "colour" }),
    ).toMatchObject({ variant: ["bn"], tier: [2], division: "closed" });
  });

  it("pins the baselines on a page, unless it pins others or none; the API pins only what it is told to", () => {
    expect(readBoardView({}).pin).toEqual(baselines);
    expect(boardViewSchema.parse({}).pin).toEqual([]);
    const none = { ...readBoardView({}), pin: [] };
    expect(writeBoardView(none).toString()).toBe("pin=none");
    expect(readBoardView({ pin: "none" })).toEqual(none);
    expect(boardViewSchema.parse({ pin: "none" }).pin).toEqual([]);
    expect(readBoardView({ pin: ["bn/yolo", "none"] }).pin).toEqual(["bn/yolo"]);
    const each = changeView(readBoardView({}), { seeds: "each" });
    expect(each.pin).toEqual([]); // fifty rows a baseline would leave no room
    expect(writeBoardView(each).toString()).toBe("seeds=each");
    expect(changeView(each, { seeds: "together" })).toEqual(readBoardView({}));
  });

  it("has a query of the API with the same rows: it names every pin", () => {
    fc.assert(
      fc.property(views, (view) => {
        const { after, before, ...rows } = view;
        expect(boardViewSchema.parse(parsed(writeBoardQuery(view)))).toEqual(
          after ? { ...rows, after } : before ? { ...rows, before } : rows,
        );
      }),
    );
    expect(writeBoardQuery(readBoardView({})).getAll("pin")).toEqual(baselines);
  });

  it("accepts an empty list of columns", () => {
    const none = readBoardView({ columns: "none" });
    expect(columnsOf(none)).toEqual([]);
    expect(writeBoardView(none).toString()).toBe("columns=none");
  });

  it("goes back to the first page whenever something changes", () => {
    const view = readBoardView({ after: "bn/dmbn" });
    expect(changeView(view, { q: "cosine" })).not.toHaveProperty("after");
    expect(changeView(readBoardView({ sort: "esm" }), { sort: undefined, direction: undefined })).toEqual(
      readBoardView({}),
    );
  });

  it("sorts better rows first if no direction is given", () => {
    expect(readBoardView({ sort: "esm" }).direction).toBe("ascending");
    expect(readBoardView({ sort: "accuracy" }).direction).toBe("descending");
    expect(firstDirection("rank")).toBe("ascending");
  });
});
