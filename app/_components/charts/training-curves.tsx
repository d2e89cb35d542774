/** Loss, validation accuracy and each layer's shift over a run, finished or in progress. */
import { count, percent, significant } from "../text/format";
import { LineChart } from "./line-chart";

interface Point {
  step: number;
  value: number;
}

interface TrainingCurvesProps {
  loss: readonly Point[];
  /** On held-out training data; fractions. */
  validationAccuracy: readonly Point[];
  shift: readonly { layer: string; points: readonly Point[] }[];
  /** Total steps of a run in progress, so that the x axis shows how much is left. */
  steps?: number;
}

/** Dashes distinguish layers: colour is reserved for memory. */
const dashes = [undefined, "6 4", "2 3", "10 4 2 4", "14 5", "4 2 1 2"];

export function TrainingCurves({ loss, validationAccuracy, shift, steps }: TrainingCurvesProps) {
  const step = { label: "training step", format: count, ...(steps !== undefined && { domain: [0, steps] as const }) };
  const points = (curve: readonly Point[]) => curve.map(({ step, value }) => ({ x: step, y: value }));
  const ends = shift.map(({ layer, points }) => `${layer} ends at ${significant(points.at(-1)?.value ?? 0)}`);
  return (
    <>
      {loss.length > 1 && (
        <LineChart
          title="Loss"
          note="Cross-entropy on the training batches."
          words={
            `Training loss from ${significant(loss[0]!.value)} at step ${loss[0]!.step} to ` +
            `${significant(loss.at(-1)!.value)} at step ${loss.at(-1)!.step}.`
          }
          x={step}
          y={{ label: "loss", format: (value) => significant(value) }}
          series={[{ name: "loss", points: points(loss) }]}
        />
      )}
      {validationAccuracy.length > 1 && (
        <LineChart
          title="Validation accuracy, %"
          note={
            <>On training data held back, with running statistics that keep 0.9 of the old average (PyTorch 0.1).</>
          }
          words={
            `Validation accuracy up to ${percent(validationAccuracy.reduce((most, { value }) => Math.max(most, value), 0))} ` +
            "percent."
          }
          x={step}
          y={{ label: "accuracy, %", format: (value) => value.toFixed(1) }}
          series={[{ name: "accuracy", points: points(validationAccuracy).map(({ x, y }) => ({ x, y: 100 * y })) }]}
        />
      )}
      {shift.some(({ points }) => points.length > 1) && (
        <LineChart
          title="Estimation shift of each layer"
          note={
            "‖μ̂ − μ‖ + ‖σ̂ − σ‖ while training, at running statistics that keep 0.9 of the old average " +
            "(PyTorch 0.1)."
          }
          words={`Estimation shift of ${shift.length} layers over training: ` + `${ends.join(", ")}.`}
          x={step}
          y={{ label: "shift", format: (value) => significant(value) }}
          series={shift.map((curve, index) => ({
            name: curve.layer,
            points: points(curve.points),
            dash: dashes[index % dashes.length],
          }))}
        />
      )}
    </>
  );
}
