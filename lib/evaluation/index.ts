/** Evaluation: metrics of predictions, and statistics for the significance of differences. */
export { type ConfusionMatrix, confusionMatrix } from "./confusion-matrix";
export { type CrossedDifference, type CrossedMeans, crossedDifference, crossedMean, crossedMeans } from "./crossed";
export { evaluate, scalarMetrics } from "./evaluate";
export { holm } from "./holm";
export { type Interval, type MeanInterval, meanInterval, simultaneousInterval, wilsonInterval } from "./intervals";
export { discordant, mcnemarExact } from "./mcnemar";
export { type ClassCounts, type ClassMetrics, type Metrics, metrics, rateNames } from "./metrics";
export {
  type BoardAccuracies,
  type OverBoards,
  overBoards,
  overBoardsInParts,
  performanceProfile,
} from "./over-boards";
export { type PairedDifference, pairedDifference, tieMargin, type Verdict, verdict } from "./paired";
export { Answers } from "./probabilities";
export { rankCorrelation } from "./rank-correlation";
export {
  fewestSeeds,
  type RankBand,
  type Ranking,
  rankInParts,
  type SimultaneousDifference,
  seedsToTellApart,
  simultaneous,
} from "./rank-intervals";
export { type Regret, regrets } from "./regret";
export { rightAnswers } from "./right-answers";
