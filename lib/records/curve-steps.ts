/** The points of a run record's curves: at which steps they are, which follows from the length of the run alone. */

/** The most points of a loss curve. */
export const maxLossPoints = 1000;

/** Evaluations of a run in training: the points of its other curves. */
export const evaluationsPerRun = 12;

/** An evaluation looks at this many examples at most: enough for two significant digits. */
export const evaluationExamples = 1000;

/** Ends of equal intervals of steps, over each of which the loss is averaged; the last interval may be shorter. */
export function lossSteps(steps: number): number[] {
  const interval = Math.ceil(steps / maxLossPoints);
  return Array.from({ length: Math.ceil(steps / interval) }, (_, index) => Math.min((index + 1) * interval, steps));
}

/** The steps after which a run is evaluated: evenly spaced, the last at its end; each step of a very short run. */
export const evaluationSteps = (steps: number): number[] => [
  ...new Set(
    Array.from({ length: evaluationsPerRun }, (_, index) => Math.ceil(((index + 1) * steps) / evaluationsPerRun)),
  ),
];
