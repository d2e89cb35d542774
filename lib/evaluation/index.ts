/** The door of the evaluation room: from predictions to metrics, and from metrics to what they are worth. */
export { confusionMatrix, type ConfusionMatrix } from "./confusion-matrix";
export { metrics, type ClassCounts, type ClassMetrics, type Metrics } from "./metrics";
export { meanInterval, wilsonInterval, type Interval, type MeanInterval } from "./intervals";
export { pairedDifference, seedsNeeded, tieMargin, verdict, type PairedDifference, type Verdict } from "./paired";
export { discordant, mcnemarExact } from "./mcnemar";
export { rankCorrelation } from "./rank-correlation";
export { holm, rankBands, rankBandsInParts, type RankBand } from "./rank-bands";
