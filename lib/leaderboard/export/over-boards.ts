/** The board over all boards as CSV: a row for each method, a column of regrets for each board. */
import type { OverBoardsEntry } from "../over-boards";
import { csvOf } from "./csv";

/** Fractions as they were computed. @param boards slugs, in the order of the regrets */
export const overBoardsCsv = (boards: readonly string[], entries: readonly OverBoardsEntry[]): string =>
  csvOf([
    ["name", "method", "variant", "mean_regret", "worst_regret", "iqm", "iqm_low", "iqm_high"].concat(
      boards.map((board) => `regret_${board}`),
    ),
    ...entries.map(({ policy, method, variant, mean, worst, iqm, regrets }) => [
      ...[policy.name, method, variant, mean, worst],
      ...[iqm?.mean ?? null, iqm?.low ?? null, iqm?.high ?? null],
      ...regrets,
    ]),
  ]);
