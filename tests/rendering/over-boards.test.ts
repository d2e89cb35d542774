/** The board over all boards is shown and drawn whatever its regrets: none, equal, tiny, huge, or missing. */
import fc from "fast-check";
import { createElement } from "react";
import { expect, it, vi } from "vitest";
import { memoryBadge } from "@/app/_components/momentum/memory-badge";
import type { Row } from "@/app/leaderboard/over-boards";
import { OverBoards } from "@/app/leaderboard/over-boards";
import { ProfileChart } from "@/app/leaderboard/profile-chart";
import { builtInPolicies } from "@/lib/dmbn/policy";
import { overBoards } from "@/lib/evaluation";
import { baselines, benchmarks, orderOverBoards, readOverBoardsView } from "@/lib/leaderboard";
import { runShape } from "@/lib/training";
import { render } from "./render";

vi.hoisted(() => Object.assign(process.env, { NODE_ENV: "production" }));

const accuracy = fc.oneof(fc.constantFrom(0, 0.1, 0.9, 0.9 + 2 ** -50, 1), fc.double({ min: 0, max: 1, noNaN: true }));
const methods = [...baselines, "bn/other", "bn-bfn/other", "bn/another"];

const boards = fc.array(
  fc.dictionary(fc.constantFrom(...methods), fc.array(accuracy, { minLength: 1, maxLength: 3 }), { minKeys: 1 }),
  { minLength: 1, maxLength: benchmarks.length },
);

it("shows every method with its regret on every board, in words too, and draws their profiles", () => {
  const sorts = fc.constantFrom("mean", "worst", "iqm", "method");
  fc.assert(
    fc.property(
      boards,
      sorts,
      fc.constantFrom("ascending", "descending"),
      fc.constantFrom(...builtInPolicies),
      (chosen, sort, direction, { document }) => {
        const view = readOverBoardsView({ sort, direction, rows: "all" });
        const figures = overBoards(
          chosen.map((accuracies) => ({ methods: new Map(Object.entries(accuracies)) })),
          { draws: 20 },
        );
        const badge = memoryBadge(document, runShape(benchmarks[0]!.recipe));
        const rows = [...figures].map(([method, own]): Row => {
          const [variant, slug] = method.split("/") as [Row["variant"], string];
          return { method, variant, policy: { slug, name: slug, builtIn: true }, document, badge, ...own };
        });
        const table = {
          boards: benchmarks.slice(0, chosen.length).map((board) => ({
            ...board,
            dataset: board.recipe.dataset,
            rankedOn: "held-out" as const,
          })),
          methods: rows,
          of: rows.length,
        };
        const ordered = orderOverBoards(rows, view);
        const page = render(createElement(OverBoards, { view, table, rows: ordered, choices: [] }));
        const chart = render(createElement(ProfileChart, { rows: ordered, boards: chosen.length }));
        for (const html of [page, chart]) expect(html).not.toMatch(/NaN|undefined|Infinity/);
        for (const { regrets } of rows)
          for (const [board, regret] of regrets.entries()) {
            const title = table.boards[board]!.title;
            const words = regret === null ? "not scored" : regret === 0 ? "the best" : "points behind";
            expect(page).toMatch(new RegExp(`>${title}: [^<]*${words}<`));
          }
      },
    ),
    { numRuns: 150 },
  );
});
