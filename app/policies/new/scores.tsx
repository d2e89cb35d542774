"use client";
/** What the policy being written scores on the chosen trajectory, beside the baselines that everybody knows. */
import { memo } from "react";
import { Button, Segments, Select } from "@/app/_components/controls/controls";
import { Problem } from "@/app/_components/controls/notices";
import { memoryClass } from "@/app/_components/momentum/memory";
import { policyMark } from "@/app/_components/momentum/policy-mark";
import type { Column } from "@/app/_components/tables/data-table";
import { DataTable, Missing } from "@/app/_components/tables/data-table";
import { LayerTable } from "@/app/_components/tables/layer-table";
import type { MeasuredRow } from "@/app/_components/tables/metric-columns";
import { exactly, metricColumns } from "@/app/_components/tables/metric-columns";
import { count, percent, plural, significant } from "@/app/_components/text/format";
import { variantLabels } from "@/app/_components/text/variant";
import type { RunShape } from "@/lib/dmbn/policy";
import { builtInPolicies } from "@/lib/dmbn/policy";
import { benchmarks } from "@/lib/leaderboard";
import type { Difference, PlaygroundScore, TrajectoryChoice } from "./protocol";
import type { Scores } from "./use-scores";

interface ScoresPanelProps {
  scores: Scores & { retry: () => void };
  /** What is written is a policy. */
  readable: boolean;
  /** Recorded runs to choose from. */
  trajectories: readonly TrajectoryChoice[];
  trajectory: TrajectoryChoice;
  onTrajectory: (trajectory: TrajectoryChoice) => void;
}

export function ScoresPanel({ scores, readable, trajectories, trajectory, onTrajectory }: ScoresPanelProps) {
  const { loading, loaded, failure, scored, refusal, current, latency, retry } = scores;
  return (
    <section aria-labelledby="scores">
      <div className="flex flex-wrap items-end justify-between gap-3">
        <h2 id="scores">What it scores</h2>
        <ChooseTrajectory trajectories={trajectories} trajectory={trajectory} onTrajectory={onTrajectory} />
      </div>
      {failure && (
        <div className="mt-3">
          <Problem title={failure.title} actions={<Button onClick={retry}>Try again</Button>}>
            {failure.detail} The editor, the curve and the code work without it.
          </Problem>
        </div>
      )}
      {refusal && (
        <div className="mt-3">
          <Problem title={refusal.title}>{refusal.detail}</Problem>
        </div>
      )}
      {loading && !failure && (
        <p className="note mt-3" role="status">
          Fetching {loading} …
        </p>
      )}
      {loaded && scored && (
        <div className="live" data-stale={!current} aria-busy={!current}>
          <p className="mt-2" role="status">
            <Finding score={scored.score} differences={scored.differences} examples={loaded.examples} />
          </p>
          <p className="note stale-note">
            {readable && !refusal
              ? "Scoring the latest …"
              : "These are the scores of the last rule that could be scored."}
          </p>
          <div className="mt-2">
            <Standing
              score={scored.score}
              differences={scored.differences}
              baselines={loaded.baselines}
              memory={memoryClass(policyMark(scored.policy, loaded.shape).memory)}
              shape={loaded.shape}
            />
          </div>
          <p className="note mt-2">
            {titleOf(loaded.trajectory.benchmark)}: one recorded run, so identical weights under every policy and no
            interval.{" "}
            {current && latency !== null && (
              <>
                Shown{" "}
                <data value={latency.toFixed(1)} className="latency">
                  {Math.round(latency)} ms
                </data>{" "}
                after the keystroke; scored in {Math.round(scored.milliseconds)} ms by {loaded.backend}.
              </>
            )}
          </p>
          <h3 className="mt-4">Layer by layer</h3>
          <div className="mt-1">
            <Layers score={scored.score} name="your policy" shape={loaded.shape} />
          </div>
        </div>
      )}
    </section>
  );
}

const Layers = memo(LayerTable);

/** Benchmark, variant and seed; what a benchmark lacks of the others is not offered. */
function ChooseTrajectory({
  trajectories,
  trajectory,
  onTrajectory,
}: Pick<ScoresPanelProps, "trajectories" | "trajectory" | "onTrajectory">) {
  const slugs = [...new Set(trajectories.map(({ benchmark }) => benchmark))];
  const ofBenchmark = trajectories.filter(({ benchmark }) => benchmark === trajectory.benchmark);
  const variants = [...new Set(ofBenchmark.map(({ variant }) => variant))];
  /** The one that has what is wanted, and else as much of the present one as there is. */
  const choose = (wanted: Partial<TrajectoryChoice>) => {
    const { benchmark, variant, seed } = { ...trajectory, ...wanted };
    const near = trajectories.filter((one) => one.benchmark === benchmark);
    const nearer = near.filter((one) => one.variant === variant);
    onTrajectory(nearer.find((one) => one.seed === seed) ?? nearer[0] ?? near[0]!);
  };
  return (
    <div className="flex flex-wrap items-end gap-3">
      {slugs.length > 1 && (
        <Select
          label="Recorded run of"
          value={trajectory.benchmark}
          onChange={({ target }) => choose({ benchmark: target.value })}
        >
          {slugs.map((slug) => (
            <option key={slug} value={slug}>
              {titleOf(slug)}
            </option>
          ))}
        </Select>
      )}
      <Segments
        label="Trained with"
        name="variant"
        options={variants.map((value) => ({ value, label: variantLabels[value] }))}
        value={trajectory.variant}
        onChange={(variant) => choose({ variant })}
      />
      <div className="seed-choice">
        <Select
          label="Public seed"
          value={trajectory.seed}
          onChange={({ target }) => choose({ seed: Number(target.value) })}
        >
          {ofBenchmark
            .filter(({ variant }) => variant === trajectory.variant)
            .map(({ seed }) => (
              <option key={seed}>{seed}</option>
            ))}
        </Select>
      </div>
    </div>
  );
}

const titleOf = (slug: string): string => benchmarks.find((benchmark) => benchmark.slug === slug)!.title;

const nearestOf = (differences: readonly Difference[]): Difference =>
  differences.reduce((least, one) => (one.different < least.different ? one : least));

const Finding = memo(function Finding({
  score,
  differences,
  examples,
}: {
  score: PlaygroundScore;
  differences: readonly Difference[];
  examples: number;
}) {
  const nearest = nearestOf(differences);
  const name = nameOf(nearest.slug);
  const { different, gained, lost, pValue } = nearest;
  return (
    <>
      <strong className="font-semibold">{percent(score.accuracy)} %</strong> of {count(examples)} test examples right.{" "}
      {different === 0
        ? `It predicts exactly as its nearest baseline, ${name}.`
        : `Nearest is ${name}: ${plural(different, "prediction differs", "predictions differ")}; ${gained} only yours gets right, ${lost} only it (McNemar p = ${significant(pValue, 2)}).`}
    </>
  );
});

const nameOf = (slug: string): string => builtInPolicies.find((policy) => policy.slug === slug)!.name;

interface Row extends MeasuredRow {
  slug: string | null;
  name: string;
  memory: string;
  difference: Difference | null;
}

const Standing = memo(function Standing({
  score,
  differences,
  baselines,
  memory,
  shape,
}: {
  score: PlaygroundScore;
  differences: readonly Difference[];
  baselines: readonly (PlaygroundScore & { slug: string; name: string })[];
  memory: string;
  shape: RunShape;
}) {
  const rows: Row[] = [
    { slug: null, name: "Your policy", memory, difference: null, ...measured(score) },
    ...baselines.map((baseline) => ({
      slug: baseline.slug,
      name: baseline.name,
      memory: memoryClass(
        policyMark(builtInPolicies.find(({ slug }) => slug === baseline.slug)!.document, shape).memory,
      ),
      difference: differences.find(({ slug }) => slug === baseline.slug) ?? null,
      ...measured(baseline),
    })),
  ];
  const nearest = nearestOf(differences).slug;
  const metric = metricColumns<Row>(rows, (row) => row.memory);
  const columns: Column<Row>[] = [
    {
      key: "policy",
      head: "Policy",
      cell: ({ name, slug }) => (
        <>
          {name}
          {slug === nearest && <span className="margin font-normal"> nearest</span>}
        </>
      ),
    },
    ...metric.slice(0, 2),
    {
      key: "difference",
      head: "yours minus it",
      group: "points",
      align: "end",
      cell: ({ difference, accuracy }) =>
        difference ? points(score.accuracy - accuracy.mean) : <Missing why="itself" />,
    },
    ...metric.slice(2),
    {
      key: "different",
      head: "predictions that differ",
      align: "end",
      cell: ({ difference }) => (difference ? difference.different : <Missing why="itself" />),
    },
  ];
  return (
    <DataTable
      caption="Your policy beside the baselines on this run"
      columns={columns}
      rows={rows}
      rowKey={({ slug }) => slug ?? ""}
      selected=""
    />
  );
});

const points = (difference: number): string =>
  Math.abs(difference) < 0.0005 ? "0.0" : `${difference > 0 ? "+" : ""}${percent(difference)}`;

const measured = ({ accuracy, sensitivity, specificity, fScore, esm }: PlaygroundScore): MeasuredRow => ({
  accuracy: exactly(accuracy),
  sensitivity: exactly(sensitivity),
  specificity: exactly(specificity),
  fScore: exactly(fScore),
  esm: exactly(esm.reduce((sum, { mean, std }) => sum + mean + std, 0)),
});
