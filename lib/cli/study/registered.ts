/**
 * What was registered before a study's runs: its hypotheses, and the comparisons that are published beside them. Pure:
 * from the cells to what came of each.
 */
import type { PairedDifference } from "@/lib/evaluation";
import { holm, pairedDifference, simultaneousInterval, tieMargin } from "@/lib/evaluation";
import type { RegisteredComparison, StudyCell, Variant } from "@/lib/records";
import { bestStaticSlug } from "@/lib/records";
import type { SuiteName } from "./suites";
import { scoresWithBestStatic } from "./summary";

type Registered = Omit<RegisteredComparison, "outcome" | "regimes"> & { regimes: readonly string[] };

const batch4 = ["digits-mlp-deep-b4", "mnist-mlp-deep-b4", "fashion-mnist-mlp-deep-b4"];
const otherBoards = [
  "digits-mlp",
  "digits-mlp-short",
  "digits-cnn",
  "mnist-mlp",
  "fashion-mnist-mlp-short",
  "fashion-mnist-mlp-deep-b8",
];
const allBoards = [...batch4, ...otherBoards];

const ours = { method: "small-batch-recalibration", against: "precise-bn" };
const variants: readonly Variant[] = ["bn", "bn-bfn"];

/** As public/studies/our-policy/preregistration.md says. */
const ofOurPolicy: readonly Registered[] = [
  { key: "H1", ...ours, variant: "bn", metric: "accuracy", claim: "better", regimes: batch4 },
  { key: "H2", ...ours, variant: "bn", metric: "accuracy", claim: "as good", regimes: otherBoards },
  { key: "H3", ...ours, variant: "bn-bfn", metric: "accuracy", claim: "as good", regimes: allBoards },
  { key: "H4", ...ours, variant: "bn", metric: "nll", claim: "better", regimes: batch4 },
  ...["dmbn-biased", bestStaticSlug("biased"), "best-by-loss"].flatMap((against) =>
    variants.map((variant): Registered => {
      const key = `${variant}/${against}`;
      return { key, method: ours.method, against, variant, metric: "accuracy", claim: null, regimes: allBoards };
    }),
  ),
];

export const registeredFor: Partial<Record<SuiteName, readonly Registered[]>> = { "our-policy": ofOurPolicy };

type Row = RegisteredComparison["regimes"][number];

/** What came of each, on the cells that are there; regimes of which nothing is there are left out. */
export const outcomesOf = (registered: readonly Registered[], cells: readonly StudyCell[]): RegisteredComparison[] =>
  registered.map((comparison) => {
    const differences = comparison.regimes.flatMap((regime) => {
      const difference = differenceIn(regime, comparison, cells);
      return difference ? [{ regime, difference }] : [];
    });
    const adjusted = holm(differences.map(({ difference: { pValue } }) => pValue ?? 1));
    const regimes = differences.map(({ regime, difference }, index): Row => {
      const { n, mean } = difference;
      const row = { regime, n, mean, interval: simultaneousInterval(difference, differences.length) };
      return { ...row, adjustedP: adjusted[index]!, outcome: outcomeOf(comparison, row, adjusted[index]!) };
    });
    return { ...comparison, regimes, outcome: comparison.claim && together(regimes) };
  });

/** Paired by seed, on the seeds that both have; null if there are none. */
function differenceIn(
  regime: string,
  { method, against, variant, metric }: Registered,
  cells: readonly StudyCell[],
): PairedDifference | null {
  const pairs = cells
    .filter((cell) => cell.regime === regime && cell.manifest.variant === variant)
    .map((cell) => new Map(scoresWithBestStatic(cell)))
    .map((scores) => [method, against].map((slug) => scores.get(slug)?.[metric] ?? null));
  const both = pairs.filter((pair): pair is [number, number] => pair.every((score) => score !== null));
  if (both.length === 0) return null;
  return pairedDifference(
    both.map(([first]) => first),
    both.map(([, second]) => second),
  );
}

function outcomeOf(
  { claim, metric }: Registered,
  { mean, interval }: Pick<Row, "mean" | "interval">,
  adjustedP: number,
): Row["outcome"] {
  if (claim === "better") {
    const better = metric === "nll" ? mean < 0 : mean > 0;
    return better && adjustedP < 0.05 ? "holds" : "fails";
  }
  if (interval === null) return "undecided";
  const { low, high } = interval;
  const isTie = low >= -tieMargin && high <= tieMargin;
  if (claim === null) return isTie ? "tie" : low > 0 ? "better" : high < 0 ? "worse" : "undecided";
  if (isTie) return "holds";
  return low > tieMargin || high < -tieMargin ? "fails" : "undecided";
}

/** A hypothesis fails with any of its regimes, and is undecided while any is. */
function together(regimes: readonly Row[]): RegisteredComparison["outcome"] {
  const outcomes = regimes.map(({ outcome }) => outcome);
  if (outcomes.includes("fails")) return "fails";
  return outcomes.length === 0 || outcomes.includes("undecided") ? "undecided" : "holds";
}
