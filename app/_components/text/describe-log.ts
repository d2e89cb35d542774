/** Entries of the log in words, for its page and its feed. */
import { variantLabels } from "@/lib/leaderboard";
import type { Variant } from "@/lib/records";
import type { LogRecord } from "@/lib/server/moderation/log";

/** `run.published` → "run published". */
export const actionWords = (action: string): string => action.replace(/[._]/g, " ");

/** Details that only programs need. */
const omitted: ReadonlySet<string> = new Set(["hash", "benchmarkId", "flag"]);

/** Reasons and replies; of a recorded run which it is; other details by their names. */
export function detailWords({ subject, detail }: LogRecord): string {
  const { reason, reply, ...rest } = detail;
  const text = [reason, reply].find((one): one is string => typeof one === "string");
  if (text) return text;
  if (subject === "trajectory") return runWords(detail);
  return Object.entries(rest)
    .flatMap(([name, value]) => (value === null || omitted.has(name) ? [] : [`${name} ${short(value)}`]))
    .join(", ");
}

/** "held-out run 3 of digits-mlp, BN, seed 7". */
function runWords({ benchmark, variant, visibility, number, seed }: LogRecord["detail"]): string {
  return (
    `${visibility === "public" ? "public" : "held-out"} run ${short(number)}` +
    `${benchmark !== undefined ? ` of ${short(benchmark)}` : ""}, ${labelOf(short(variant))}` +
    `${seed !== undefined ? `, seed ${short(seed)}` : ""}`
  );
}

const labelOf = (variant: string): string =>
  Object.hasOwn(variantLabels, variant) ? variantLabels[variant as Variant] : variant;

const short = (value: unknown): string =>
  typeof value === "object" && value !== null ? Object.values(value).join(" v") : String(value);
