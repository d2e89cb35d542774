/** The answer in sentences. */
import { count, percent } from "@/app/_components/text/format";
import type { ChooseView } from "@/lib/leaderboard";
import type { MapScore } from "@/lib/records";
import type { Framework } from "./frameworks";
import type { Answer, Silence } from "./look-up";
import { rising } from "./look-up";
import type { SafeBand, StaticScore } from "./safe-band";

/** "batch 8 and 3,000 steps" */
export const placeInWords = ({ batch, steps }: Pick<ChooseView, "batch" | "steps">): string =>
  `batch ${count(batch)} and ${count(steps)} steps`;

/** "β = 0.98", with the library's own setting where that isn't β. */
function inSetting({ setting, name }: Framework, momentum: number): string {
  return `β = ${momentum}${setting ? ` (${name} ${setting(momentum)})` : ""}`;
}

const range = ({ setting, name }: Framework, from: number, to: number): string =>
  `β = ${from} to ${to}${setting ? ` (${name} ${setting(from)} to ${setting(to)})` : ""}`;

/** What a policy costs, in points; nothing if it is better than what it is compared with. */
export const costOf = ({ regret }: MapScore): number => Math.max(0, regret.mean);

/** "0.4 points", "1.0 point" */
const points = (cost: number): string => `${percent(cost)} ${percent(cost) === "1.0" ? "point" : "points"}`;

/** What a reader may take for a β as good as any, where it lies outside the band: a usual default, else the worst. */
function warning(statics: readonly StaticScore[], { safe }: SafeBand): StaticScore | undefined {
  const outside = statics.filter((score) => !safe.includes(score));
  const usual = outside.filter(({ momentum }) => [0.9, 0.99, 0.999].includes(momentum));
  return (usual.length > 0 ? usual : outside).toSorted((a, b) => b.regret.mean - a.regret.mean)[0];
}

/** "At batch 8 and 3,000 steps anything from β = 0.8 to 0.98 costs at most 0.4 points; β = 0.999 costs 2.0." */
export function bandInWords(
  view: ChooseView,
  framework: Framework,
  statics: readonly StaticScore[],
  band: SafeBand,
): string {
  const { best, safe } = band;
  const [first, last] = [safe[0]!, safe.at(-1)!];
  const most = safe.reduce((most, score) => Math.max(most, costOf(score)), 0);
  const other = warning(statics, band);
  const costs = other ? `; ${inSetting(framework, other.momentum)} costs ${percent(costOf(other))}.` : ".";
  const at = `At ${placeInWords(view)}`;
  if (!other)
    return `${at} the momentum hardly matters: anything from ${range(framework, first.momentum, last.momentum)} costs at most ${points(most)}.`;
  if (safe.length === 1)
    return `${at} only ${inSetting(framework, best.momentum)} will do: its neighbours cost more than half a point${costs}`;
  return `${at} anything from ${range(framework, first.momentum, last.momentum)} costs at most ${points(most)}${costs}`;
}

/** What the band costs at most, as far as the seeds can tell; nothing of one seed, which has no interval. */
export function confidenceInWords({ safe }: SafeBand): string {
  const highs = safe.map(({ regret }) => regret.interval?.high ?? null);
  if (highs.includes(null)) return "";
  const most = highs.reduce<number>((most, high) => Math.max(most, high!), 0);
  return `The costliest of the band may cost up to ${points(most)} (95 % interval).`;
}

/** Whether the library's default is safe here, and what it costs if it isn't. */
export function defaultInWords(framework: Framework, statics: readonly StaticScore[], { safe }: SafeBand): string {
  const own = statics.find(({ momentum }) => momentum === framework.momentum);
  if (!own) return "";
  const start = `The default of ${framework.name}, ${inSetting(framework, own.momentum)},`;
  if (safe.includes(own)) return `${start} is safe here.`;
  const { interval } = own.regret;
  const between = interval ? ` (95 %: ${percent(interval.low)} to ${percent(interval.high)})` : "";
  return `${start} costs ${points(costOf(own))}${between} here.`;
}

/** How an answer came about: measured, or between which cells. */
export function originInWords({ places }: Answer): string {
  const seeds = rising(places.map((place) => place.seeds));
  const runs =
    seeds.length === 1 ? `${seeds[0]} seed${seeds[0] === 1 ? "" : "s"}` : `${seeds[0]} to ${seeds.at(-1)} seeds`;
  const diverged = places.reduce((sum, place) => sum + place.diverged, 0);
  const lost = diverged > 0 ? ` ${count(diverged)} more diverged.` : "";
  const batches = rising(places.map(({ batchSize }) => batchSize))
    .map(count)
    .join(" and ");
  const steps = rising(places.map((place) => place.steps))
    .map(count)
    .join(" and ");
  return places.length === 1
    ? `Measured, over ${runs}.${lost}`
    : `Interpolated between the measured cells of batch ${batches} and ${steps} steps, ${runs} each.${lost}`;
}

/** Why there is no answer, in a title and a remedy. */
export function silenceInWords(view: ChooseView, silence: Silence): { title: string; remedy: string } {
  switch (silence.kind) {
    case "outside": {
      const asked = count(silence.what === "batch" ? view.batch : view.steps);
      const what = silence.what === "batch" ? `Batch ${asked}` : `${asked} steps`;
      return {
        title: `${what}: outside what was measured`,
        remedy: `This network was measured from ${count(silence.from)} to ${count(silence.to)}, and nothing follows beyond.`,
      };
    }
    case "gap":
      return {
        title: `${placeInWords(view).replace("batch", "Batch")}: not measured`,
        remedy: "So many images were too many for a run of this map. Take fewer steps, or a smaller batch.",
      };
    case "diverged":
      return {
        title: `${placeInWords(view).replace("batch", "Batch")}: diverged`,
        remedy: `All ${count(silence.places.reduce((sum, place) => sum + place.diverged, 0))} runs got values that are not finite, so there is nothing to score: the learning rate is too high here, whatever the momentum.`,
      };
  }
}
