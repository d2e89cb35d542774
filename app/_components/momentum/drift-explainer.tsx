"use client";
/** The front page's interactive figure: change the memory and watch the running mean trade noise for lag. */
import { useId, useState } from "react";
import { Plot } from "../charts/line-chart";
import { significant } from "../text/format";
import type { Drift } from "./drift";
import { describeWindow, memoryClass } from "./memory";
import { running } from "./running-mean";

/** Slider positions are log₁₀ of the window. */
const longest = 3;

export function DriftExplainer({ population, batches, distances }: Drift) {
  const [position, setPosition] = useState(1);
  const slider = useId();
  const momentum = Number((1 - 10 ** -position).toPrecision(4));
  const memory = memoryClass(momentum);
  const runningMeans = running(batches, momentum);
  const nearest = distances.reduce((best, next) =>
    Math.abs(Math.log10(next.window) - position) < Math.abs(Math.log10(best.window) - position) ? next : best,
  );
  const least = distances.reduce((best, next) => (next.distance < best.distance ? next : best));
  const series = (values: readonly number[]) => values.map((y, step) => ({ x: step + 1, y }));
  return (
    <div className="grid gap-4 md:grid-cols-[minmax(0,3fr)_minmax(0,2fr)] md:gap-6">
      <figure className="figure">
        <figcaption>
          <h2>The running mean follows the true one</h2>
          <p className="note">
            One channel over {batches.length} training steps. Dots: the mean of each batch. Dashed: the mean over all
            data. An illustration: the numbers are made up, the update rule is the real one.
          </p>
        </figcaption>
        <Plot
          words={
            `A channel's true mean drifts upwards; the running mean that keeps ${momentum} of the old average ` +
            `follows it, ${significant(nearest.distance, 2)} away on average.`
          }
          x={{ label: "training step", ticks: [1, 100, 200, 300, 400] }}
          y={{ label: "mean", domain: [-0.5, 2.75], ticks: [0, 1, 2] }}
          height={252}
          labelWidth={86}
          series={[
            { name: "batch means", points: series(batches), quiet: true },
            { name: "true mean", points: series(population), dash: "5 4" },
            { name: "running mean", points: series(runningMeans), memory },
          ]}
        />
      </figure>
      <figure className="figure">
        <figcaption>
          <h2>Too short a memory is noisy, too long is late</h2>
          <p className="note">
            Distance between running and true mean, RMS after step 150, against the window 1/(1 − β). Move the needle.
          </p>
        </figcaption>
        <Plot
          words={
            `Distance against window: least, ${significant(least.distance, 2)}, at ${Math.round(least.window)} ` +
            `batches; now ${significant(nearest.distance, 2)}.`
          }
          x={{ label: "window in batches", scale: "log", ticks: [1, 10, 100, 1000] }}
          y={{ label: "distance", domain: [0, 1.2], ticks: [0, 0.4, 0.8, 1.2] }}
          height={252}
          series={[{ name: "distance", points: distances.map(({ window, distance }) => ({ x: window, y: distance })) }]}
          needle={{ x: 10 ** position, label: significant(nearest.distance, 2) }}
        />
        <div className="needs-script slider-under-plot">
          <label htmlFor={slider} className="sr-only">
            Memory, as a window in batches
          </label>
          <input
            id={slider}
            type="range"
            className="memory-slider"
            min={0}
            max={longest}
            step={0.05}
            value={position}
            onChange={(event) => setPosition(Number(event.target.value))}
            aria-valuetext={`${describeWindow(momentum)}: keeps ${momentum} of the old average`}
          />
        </div>
        <p className="text-table">
          <span className="momentum">
            <span className={`dot ${memory}`} />
            Keeps {momentum} of the old average
          </span>{" "}
          <span className="text-ink-3">
            (PyTorch {Number((1 - momentum).toPrecision(3))}): a window of {describeWindow(momentum)}
          </span>
        </p>
      </figure>
    </div>
  );
}
