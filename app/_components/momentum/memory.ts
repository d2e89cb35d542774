/**
 * The memory ramp: six colours from "keeps only the last batch" to "keeps all". Colour means nothing else on this site.
 * A momentum belongs to the step whose window 1/(1 − momentum) is nearest on a log scale.
 */

/** The ramp from short memory to long, as its legend prints it. */
export const memoryRamp = ["0", "0.5", "0.9", "0.99", "0.999", "1 − 1/t"] as const;

const anchors = [1, 2, 10, 100, 1000];
const cumulative = 5;

/**
 * The ramp's CSS class for a momentum, the weight of the old value in [0, 1].
 * `"cumulative"` has a step of its own; null, where nothing is averaged, has none.
 */
export function memoryClass(momentum: number | "cumulative" | null): string {
  if (momentum === null) return "memory-none";
  return `memory-${momentum === "cumulative" ? cumulative : nearestAnchor(window(momentum))}`;
}

/** Batches that a momentum in [0, 1] remembers, 1/(1 − momentum): 0.9 → 10; 1 → Infinity. */
export function window(momentum: number): number {
  // 1 / (1 − 0.9) is 10.000000000000002: rounded for display.
  return Number((1 / (1 - momentum)).toPrecision(9));
}

/** "1 batch", "10 batches", "about 333 batches". */
export function describeWindow(momentum: number): string {
  const batches = window(momentum);
  if (!Number.isFinite(batches)) return "all batches";
  const whole = Math.round(batches);
  const words = `${whole.toLocaleString("en-GB")} ${whole === 1 ? "batch" : "batches"}`;
  return Math.abs(batches - whole) < 1e-6 ? words : `about ${words}`;
}

function nearestAnchor(batches: number): number {
  const distances = anchors.map((anchor) => Math.abs(Math.log(Math.min(batches, 1e9) / anchor)));
  return distances.indexOf(distances.reduce((a, b) => Math.min(a, b)));
}
