/** Which board needs a run most. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { firstRuns } from "@/lib/leaderboard";
import type { BoardNeed } from "@/lib/leaderboard/need";
import { byNeed, needInWords } from "@/lib/leaderboard/need";

const board = (slug: string, seeds: number, seedsNeeded: number | null = null): BoardNeed => ({
  slug,
  seeds,
  seedsNeeded,
});
const slugs = (boards: readonly BoardNeed[]) => byNeed(boards).map(({ slug }) => slug);

describe("the board that needs a run most", () => {
  it("is the one nearest to its first ranks, then one without a run, then the nearest to telling methods apart", () => {
    expect(
      slugs([
        board("empty", 0),
        board("far", 40, 400),
        board("near", 12, 15),
        board("two", 2),
        board("nine", 9),
        board("new", 0),
      ]),
    ).toEqual(["nine", "two", "empty", "new", "near", "far"]);
  });

  it("keeps all boards, and equal ones in their order", () =>
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(50), fc.option(fc.nat(500))), { maxLength: 20 }), (given) => {
        const boards = given.map(([seeds, needed], index) => board(String(index), seeds, needed));
        const ordered = byNeed(boards);
        expect([...ordered].sort((a, b) => Number(a.slug) - Number(b.slug))).toEqual(boards);
        const empty = ordered.filter(({ seeds }) => seeds === 0).map(({ slug }) => Number(slug));
        expect(empty).toEqual([...empty].sort((a, b) => a - b));
      }),
    ));

  it("says why in a sentence", () => {
    expect(needInWords(board("a", 0))).toBe("No run by users ranks yet.");
    expect(needInWords(board("a", 1))).toBe(`It has 1 seed; ${firstRuns - 1} more, and its methods are ranked.`);
    expect(needInWords(board("a", 12, 15))).toMatch(/about 3 more would tell/);
    expect(needInWords(board("a", 20, 15))).toMatch(/narrow its intervals/);
    expect(needInWords(board("a", 20))).toMatch(/narrow its intervals/);
  });
});
