/** Accuracy of constant policies by their window. */
import { ScatterChart } from "@/app/_components/charts/scatter-chart";
import { window } from "@/app/_components/momentum/memory";
import { percent, plural } from "@/app/_components/text/format";
import { parsePolicy, variablesOf } from "@/lib/dmbn/policy";
import { variantLabels } from "@/lib/leaderboard";
import type { BoardRow } from "./board-columns";
import type { ChartProps } from "./chart-points";
import { point, range, rate } from "./chart-points";

/** β of a constant policy; null for other policies, and for those that never forget (β = 1). */
function constantMomentum({ document, badge }: BoardRow): number | null {
  const policy = parsePolicy(document);
  if (
    policy.kind !== "schedule" ||
    variablesOf(policy.momentum).size > 0 ||
    typeof badge.memory !== "number" ||
    badge.memory >= 1
  )
    return null;
  return badge.memory;
}

/** Policies without a constant β, drawn as horizontal lines, under names that fit beside them. */
const references: Record<string, { name: string; dash?: string }> = {
  dmbn: { name: "DMBN" },
  "dmbn-biased": { name: "DMBN biased", dash: "2 3" },
  "precise-bn": { name: "Recalibration", dash: "6 4" },
};

export function MomentumChart({ rows, cut, file }: ChartProps) {
  const constant = rows.flatMap((row) => {
    const momentum = constantMomentum(row);
    return momentum === null ? [] : [{ row, momentum }];
  });
  const levels = rows.flatMap(({ policy, variant, seed, accuracy }) => {
    const reference = references[policy.slug];
    if (!reference || seed !== null) return [];
    return { name: `${reference.name}, ${variantLabels[variant]}`, y: accuracy.mean, dash: reference.dash ?? "" };
  });
  if (constant.length === 0)
    return (
      <p className="note">No constant momentum is among these methods: take a filter away to draw accuracy by β.</p>
    );
  const best = constant.reduce((best, next) => (next.row.accuracy.mean > best.row.accuracy.mean ? next : best));
  const title = `Of the constants, ${best.momentum} is the most accurate here: ${percent(best.row.accuracy.mean)} %`;
  return (
    <ScatterChart
      title={title}
      note={
        "Constant policies by their window 1/(1 − β) in batches, on a log axis. Lines: DMBN, of the biased variance " +
        "dotted, and recalibration dashed; DMBN compares with constants of its own variance. " +
        `${plural(constant.length, "constant")}; bars are 95 % intervals over seeds, rings are variants other than ` +
        `all BN${cut ? "; those with the highest accuracy" : ""}.`
      }
      words={`${title}. ${levels.map(({ name, y }) => `${name}: ${percent(y)} percent`).join("; ")}.`}
      x={{
        label: "window in batches, 1/(1 − β)",
        scale: "log",
        format: (value) => value.toLocaleString("en-GB", { maximumSignificantDigits: 3 }),
      }}
      y={rate("accuracy")}
      points={constant.map(({ row, momentum }) =>
        point(row, { at: window(momentum) }, range(row, "accuracy"), row === best.row ? row.policy.name : undefined),
      )}
      levels={levels}
      file={file}
    />
  );
}
