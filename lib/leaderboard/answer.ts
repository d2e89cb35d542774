/** What the boards say of a policy, in one sentence. */
import type { BoardStanding } from "./band";
import type { PolicyName } from "./board-entry";

/** A policy's better variant on one board. */
export interface BoardAnswer {
  title: string;
  /** Null while the board has too few runs, or the policy isn't scored on all of them. */
  standing: BoardStanding | null;
  /** Accuracy minus the best method's; null for the best. */
  gap: number | null;
}

/**
 * "In its better variant: among the best on 3 of 9 boards, behind on 2 (by 1.2 points on Fashion-MNIST, deep MLP, batch
 * 4), not told apart on 4. Nearest: TF warm-up."
 * @param nearest the built-in policy whose accuracies are the closest; null if there is none to compare with
 */
export function answerInWords(boards: readonly BoardAnswer[], nearest: PolicyName | null): string {
  const ranked = boards.filter(({ standing }) => standing !== null);
  if (ranked.length === 0) return boards.length === 0 ? "" : "No board with ranks has scored it yet.";
  const on = (wanted: BoardStanding) => ranked.filter(({ standing }) => standing === wanted);
  const [worst] = on("behind").sort((a, b) => (a.gap ?? 0) - (b.gap ?? 0));
  const parts = [
    on("best").length > 0 && `among the best on ${on("best").length}`,
    worst && `behind on ${on("behind").length} (by ${points(worst.gap ?? 0)} on ${worst.title})`,
    on("untold").length > 0 && `not told apart on ${on("untold").length}`,
  ].filter((part) => typeof part === "string");
  const [first, ...rest] = parts;
  const unranked = boards.length - ranked.length;
  const sentence = [
    `In its better variant: ${first!.replace(/ on (\d+)/, ` on $1 of ${boardsOf(ranked.length)}`)}`,
    ...rest,
  ].join(", ");
  return [
    `${sentence}.`,
    unranked > 0 && `${boardsOf(unranked)} ${unranked === 1 ? "has" : "have"} no ranks for it yet.`,
    nearest && `Nearest: ${nearest.name}.`,
  ]
    .filter(Boolean)
    .join(" ");
}

const boardsOf = (count: number): string => `${count} ${count === 1 ? "board" : "boards"}`;

/** "1.2 points", "0.04 points". */
function points(gap: number): string {
  const size = Math.abs(100 * gap);
  return `${size.toFixed(size < 0.1 ? 2 : 1)} points`;
}
