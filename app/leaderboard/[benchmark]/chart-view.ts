/** The view that a chart draws, and whether a URL is canonical. */
import type { BoardView } from "@/lib/leaderboard";
import { changeView, headlineReadings, writeBoardView } from "@/lib/leaderboard";

/** More dots than this can't be distinguished, nor hovered one by one. */
export const MOST_DRAWN = 400;

/**
 * The view that a chart draws: the methods with the highest accuracy, however the table is sorted. The chart over β
 * also needs DMBN and recalibration, as references for the constants.
 */
export function chartView({ pin, ...view }: BoardView): BoardView {
  const references =
    view.chart === "momentum"
      ? ["bn", "bn-bfn"]
          .filter((variant) => view.variant.length === 0 || view.variant.some((chosen) => chosen === variant))
          .flatMap((variant) => [...headlineReadings, "precise-bn"].map((slug) => `${variant}/${slug}`))
      : [];
  return changeView({ ...view, pin: [...new Set([...pin, ...references])] }, { sort: undefined, direction: undefined });
}

/**
 * Whether a form wrote this URL: it has empty fields, or names columns that are the default. The page then redirects,
 * so that each view has one URL.
 */
export function fromForm(query: Record<string, string | string[] | undefined>, view: BoardView): boolean {
  const fields = new URLSearchParams(
    Object.entries(query).flatMap(([name, value]) => [value ?? []].flat().map((text) => [name, text])),
  );
  return (
    [...fields.values()].includes("") ||
    (fields.has("columns") && fields.getAll("columns").join() !== writeBoardView(view).getAll("columns").join())
  );
}
