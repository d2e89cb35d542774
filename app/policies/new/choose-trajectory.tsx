"use client";
/** Chooses the recorded run to score on: benchmark, variant and seed, limited to combinations that exist. */
import { Segments, Select } from "@/app/_components/controls/controls";
import { benchmarks, variantLabels } from "@/lib/leaderboard";
import type { TrajectoryChoice } from "./protocol";

export interface ChooseTrajectoryProps {
  /** Recorded runs to choose from. */
  trajectories: readonly TrajectoryChoice[];
  trajectory: TrajectoryChoice;
  onTrajectory: (trajectory: TrajectoryChoice) => void;
}

export function ChooseTrajectory({ trajectories, trajectory, onTrajectory }: ChooseTrajectoryProps) {
  const slugs = [...new Set(trajectories.map(({ benchmark }) => benchmark))];
  const ofBenchmark = trajectories.filter(({ benchmark }) => benchmark === trajectory.benchmark);
  const variants = [...new Set(ofBenchmark.map(({ variant }) => variant))];
  /** The run that has the wanted values, and otherwise agrees most with the current one. */
  const choose = (wanted: Partial<TrajectoryChoice>) => {
    const { benchmark, variant, seed } = { ...trajectory, ...wanted };
    const onBenchmark = trajectories.filter((run) => run.benchmark === benchmark);
    const ofVariant = onBenchmark.filter((run) => run.variant === variant);
    onTrajectory(ofVariant.find((run) => run.seed === seed) ?? ofVariant[0] ?? onBenchmark[0]!);
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

export const titleOf = (slug: string): string => benchmarks.find((benchmark) => benchmark.slug === slug)!.title;
