"use client";
/** What was measured: images per second beside the published medians, and what the time of a step is spent on. */
import type { Column } from "@/app/_components/tables/data-table";
import { DataTable, Missing } from "@/app/_components/tables/data-table";
import { count, percent, significant } from "@/app/_components/text/format";
import type { ClassSpeed, Comparison } from "@/lib/leaderboard";
import { compareSpeed, measuredBackendTitles, networkTitles } from "@/lib/leaderboard";
import type { Measurement } from "@/lib/records";
import type { Speed, StepParts } from "@/lib/training";
import type { Progress } from "./progress";
import type { Job } from "./protocol";

interface ResultsProps {
  progress: Progress;
  measurement: Measurement;
  published: readonly ClassSpeed[];
  /** Whether no more results will come. */
  ended: boolean;
}

type Row = { job: Job; speed: Speed; comparison: Comparison };

export function Results({ progress, measurement, published, ended }: ResultsProps) {
  const rows = progress.outcomes.flatMap((outcome): Row[] => {
    const { job } = outcome;
    const sent = measurement.speeds.find(({ network, backend }) => network === job.network && backend === job.backend);
    if (!("speed" in outcome) || !sent) return [];
    return [{ job, speed: outcome.speed, comparison: compareSpeed(measurement, sent, published) }];
  });
  const skipped = progress.outcomes.flatMap((outcome) => ("skipped" in outcome ? [outcome] : []));
  const onWasm = rows.filter(({ job, speed }) => job.backend === "wasm" && speed.parts);
  const onGpu = rows.filter(({ job, speed }) => job.backend === "webgpu" && speed.parts);
  return (
    <>
      <div className="mt-3">
        <DataTable caption="Images per second on this machine" columns={columns} rows={rows} rowKey={keyOf} />
      </div>
      {skipped.length > 0 && (
        <ul className="note mt-2 grid gap-1">
          {skipped.map((outcome) => (
            <li key={keyOf(outcome)}>
              {nameOf(outcome)}: {outcome.skipped}
            </li>
          ))}
        </ul>
      )}
      {ended && onWasm.length + onGpu.length > 0 && (
        <>
          <h3 className="mt-4">Where the time goes</h3>
          <p className="note mb-2">
            WASM: the jobs of one step, kind by kind, one after the other; together they take about as long as the step.
            {onGpu.length > 0 &&
              " WebGPU: what the calls take that hand a step to the GPU, and what the GPU still takes after the last of them; what it does meanwhile can’t be told apart from outside."}{" "}
            The CPU backend is not taken apart.
          </p>
          <div className="grid gap-3">
            {onWasm.length > 0 && (
              <DataTable
                caption="Parts of a step on WASM"
                columns={[nameColumn, ...wasmParts.map(shareColumn), stepColumn]}
                rows={onWasm}
                rowKey={keyOf}
              />
            )}
            {onGpu.length > 0 && (
              <DataTable caption="Parts of a step on WebGPU" columns={gpuColumns} rows={onGpu} rowKey={keyOf} />
            )}
          </div>
        </>
      )}
    </>
  );
}

const keyOf = ({ job: { network, backend } }: { job: Job }): string => `${network} ${backend}`;
const nameOf = ({ job: { network, backend } }: { job: Job }): string =>
  `${networkTitles[network]}, ${measuredBackendTitles[backend]}`;

const rate = (imagesPerSecond: number): string =>
  imagesPerSecond < 100 ? significant(imagesPerSecond) : count(Math.round(imagesPerSecond));

const stepMilliseconds = ({ batchSize, imagesPerSecond: { median } }: Speed): number => (1000 * batchSize) / median;

const nameColumn: Column<Row> = { key: "network", head: "network", cell: nameOf };

const stepColumn: Column<Row> = {
  key: "step",
  head: "step, ms",
  align: "end",
  cell: ({ speed }) => significant(stepMilliseconds(speed)),
};

const columns: readonly Column<Row>[] = [
  nameColumn,
  {
    key: "median",
    head: "median",
    group: "images/s",
    align: "end",
    cell: ({ speed }) => <strong className="font-semibold">{rate(speed.imagesPerSecond.median)}</strong>,
  },
  {
    key: "range",
    head: "least to most",
    group: "images/s",
    align: "end",
    cell: ({ speed: { imagesPerSecond } }) => `${rate(imagesPerSecond.least)} to ${rate(imagesPerSecond.most)}`,
  },
  { key: "rounds", head: "rounds", align: "end", wide: true, cell: ({ speed }) => speed.rounds },
  stepColumn,
  {
    key: "own",
    head: "this class, images/s",
    group: "published",
    align: "end",
    cell: ({ comparison }) =>
      comparison.own ? (
        <>
          {rate(comparison.own.median)} <span className="margin">n = {comparison.own.n}</span>
        </>
      ) : (
        <Missing why="nobody published this class" />
      ),
  },
  {
    key: "classes",
    head: "slower classes",
    group: "published",
    align: "end",
    cell: ({ comparison }) =>
      comparison.classes > 0 ? (
        `${comparison.slower} of ${comparison.classes}`
      ) : (
        <Missing why="nothing published to compare with" />
      ),
  },
];

const partTitles = {
  products: "products, convolutions",
  norms: "norms",
  loss: "loss",
  optimizer: "optimizer",
  rest: "the rest",
  encoding: "calls",
  waiting: "waiting for the GPU",
} as const satisfies Record<keyof StepParts, string>;

const wasmParts = ["products", "norms", "loss", "optimizer", "rest"] as const satisfies readonly (keyof StepParts)[];

const shareColumn = (part: (typeof wasmParts)[number]): Column<Row> => ({
  key: part,
  head: partTitles[part],
  group: "share of the time, %",
  align: "end",
  cell: ({ speed }) => percent(speed.parts![part]! / total(speed.parts!)),
});

const total = (parts: StepParts): number => Object.values(parts).reduce((sum, seconds) => sum + seconds, 0);

const gpuColumns: readonly Column<Row>[] = [
  nameColumn,
  {
    key: "dispatches",
    head: "dispatches",
    align: "end",
    cell: ({ speed }) => (speed.dispatches === null ? <Missing why="not captured" /> : count(speed.dispatches)),
  },
  ...(["encoding", "waiting"] as const).map(
    (part): Column<Row> => ({
      key: part,
      head: partTitles[part],
      group: "ms a step",
      align: "end",
      cell: ({ speed }) => significant(1000 * speed.parts![part]!),
    }),
  ),
  stepColumn,
];
