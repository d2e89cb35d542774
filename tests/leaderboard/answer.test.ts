import { describe, expect, it } from "vitest";
import type { BoardAnswer } from "@/lib/leaderboard";
import { answerInWords } from "@/lib/leaderboard";

const board = (title: string, standing: BoardAnswer["standing"], gap: number | null = null): BoardAnswer => ({
  title,
  standing,
  gap,
});

describe("what the boards say of a policy", () => {
  it.each([
    [
      "counts boards by standing, and names the worst",
      [board("A", "best"), board("B", "behind", -0.002), board("C", "behind", -0.0124), board("D", "untold", -0.1)],
      "In its better variant: among the best on 1 of 4 boards, behind on 2 (by 1.2 points on C), not told apart on 1. Nearest: TF warm-up.",
    ],
    [
      "begins with what there is",
      [board("A", "behind", -0.0004)],
      "In its better variant: behind on 1 of 1 board (by 0.04 points on A). Nearest: TF warm-up.",
    ],
    [
      "says which boards have no ranks",
      [board("A", "untold"), board("B", null), board("C", null)],
      "In its better variant: not told apart on 1 of 1 board. 2 boards have no ranks for it yet. Nearest: TF warm-up.",
    ],
    ["claims nothing without ranks", [board("A", null)], "No board with ranks has scored it yet."],
    ["is empty without boards", [], ""],
  ])("%s", (_, boards, expected) => {
    expect(answerInWords(boards, { slug: "tf-warm-up", name: "TF warm-up" })).toBe(expected);
  });
});
