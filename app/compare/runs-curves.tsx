/** Loss, validation accuracy and shift of several runs, overlaid. */
import { LineChart } from "@/app/_components/charts/line-chart";
import { count, significant } from "@/app/_components/text/format";
import { Section } from "@/app/_components/text/section";
import type { ComparedRun } from "@/lib/server/runs/compare";
import { dashes, letter } from "./compared";
import type { Side } from "./runs-tables";

/** Loss, validation accuracy and shift of all runs, overlaid. */
export function Curves({ runs, compared }: Side) {
  const step = { label: "training step", format: count };
  const over = (of: (run: ComparedRun) => readonly { step: number; value: number }[], factor = 1) =>
    runs.map((run, index) => ({
      name: `${letter(index)} ${compared[index]!.name}`,
      dash: dashes[index],
      points: of(run).map(({ step, value }) => ({ x: step, y: factor * value })),
    }));
  const charts = [
    {
      title: "Loss",
      note: "Cross-entropy on the training batches.",
      label: "loss",
      format: (value: number) => significant(value),
      series: over(({ curves }) => curves.loss),
    },
    {
      title: "Validation accuracy, %",
      note: "On training data held back, with running statistics that keep 0.9 of the old average.",
      label: "accuracy, %",
      format: (value: number) => value.toFixed(1),
      series: over(({ curves }) => curves.validationAccuracy, 100),
    },
    {
      title: "Estimation shift, all layers",
      note: "While training, at running statistics that keep 0.9 of the old average.",
      label: "shift",
      format: (value: number) => significant(value),
      series: over(totalShift),
    },
  ].filter(({ series }) => series.some(({ points }) => points.length > 1));
  if (charts.length === 0) return null;
  return (
    <Section id="training" title="Training">
      <div className="grid gap-5 md:grid-cols-2">
        {charts.map(({ title, note, label, format, series }) => (
          <LineChart
            key={title}
            title={title}
            note={note}
            words={
              `${title}: ` +
              `${series.map(({ name, points }) => `${name} ends at ${format(points.at(-1)?.y ?? 0)}`).join("; ")}.`
            }
            x={step}
            y={{ label, format }}
            series={series}
            labelWidth={124}
          />
        ))}
      </div>
    </Section>
  );
}

function totalShift({ curves }: ComparedRun): { step: number; value: number }[] {
  const total = new Map<number, number>();
  for (const { points } of curves.shift)
    for (const { step, value } of points) total.set(step, (total.get(step) ?? 0) + value);
  return [...total].map(([step, value]) => ({ step, value }));
}
