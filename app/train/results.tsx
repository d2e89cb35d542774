"use client";
/** Results: every method of the finished runs, one of them in detail, and the records to download. */
import { useEffect, useRef, useState } from "react";
import { ConfusionMatrix } from "@/app/_components/charts/confusion-matrix";
import { MemoryLegend } from "@/app/_components/momentum/momentum";
import { DataTable } from "@/app/_components/tables/data-table";
import { LayerTable } from "@/app/_components/tables/layer-table";
import { methodColumns, methodRow } from "@/app/_components/tables/method-columns";
import type { Sort } from "@/app/_components/tables/sort";
import { describeRecipe } from "@/app/_components/text/describe-recipe";
import { percent, plural } from "@/app/_components/text/format";
import { ReportedElsewhere } from "@/app/_components/text/reported-elsewhere";
import type { Finished } from "@/app/_components/training/progress";
import { extent } from "@/lib/charts/extent";
import { datasetInfo } from "@/lib/datasets/registry";
import { headlineReadings, variantLabels } from "@/lib/leaderboard";
import type { ScoreRecord } from "@/lib/records";
import { totalShift } from "@/lib/records";
import { runShape } from "@/lib/training";
import type { PolicyChoice } from "./choices";
import { RunCurves } from "./run-curves";

interface ResultsProps {
  /** At least one. */
  finished: readonly Finished[];
  policies: readonly PolicyChoice[];
  /** Moves the focus to the results: the training ended while the page was open. */
  focus: boolean;
}

export function Results({ finished, policies, focus }: ResultsProps) {
  const heading = useRef<HTMLHeadingElement>(null);
  const [sort, setSort] = useState<Sort | null>({ key: "accuracy", direction: "descending" });
  const [method, setMethod] = useState<string | null>(null);
  useEffect(() => {
    if (focus) heading.current?.focus();
  }, [focus]);

  const names = new Map(policies.map(({ slug, name }) => [slug, name]));
  const nameOf = (slug: string) => names.get(slug) ?? slug;
  const { recipe, seed, dataset: used } = finished[0]!.record.manifest;
  const dataset = datasetInfo(used.slug);
  const shape = runShape(recipe);
  const scores = finished.flatMap(({ record }) => record.scores);
  const chosen =
    scores.find((score) => score.method === method) ??
    scores.find(({ policy }) => policy.slug === "dmbn") ??
    scores[0]!;
  const chosenRun = finished.find(({ record }) => record.scores.includes(chosen))!;
  const rows = scores.map((score) =>
    methodRow({
      ...score,
      policy: { ...score.policy, name: nameOf(score.policy.slug) },
      esmTotal: totalShift(score.esm),
    }),
  );
  const columns = methodColumns(rows, shape, (row) => (
    <>
      <button
        type="button"
        className="cursor-pointer font-medium hover:underline"
        onClick={() => setMethod(row.method)}
      >
        {row.policy.name}
      </button>
      {headlineReadings.includes(row.policy.slug) && <span className="margin font-normal"> the method</span>}
      <span className="folded">
        <br />
        {variantLabels[row.variant]}
      </span>
    </>
  ));
  columns.splice(1, 0, {
    key: "variant",
    head: "variant",
    wide: true,
    first: "ascending",
    value: (row) => row.variant,
    cell: (row) => variantLabels[row.variant],
  });
  return (
    <>
      <section className="section" aria-labelledby="results">
        <div className="mb-3 flex flex-wrap items-end justify-between gap-3">
          <div>
            <h2 id="results" ref={heading} tabIndex={-1} className="outline-none">
              {plural(scores.length, "method")} on {finished.length === 1 ? "one run" : `${finished.length} runs`} of{" "}
              {dataset.name}
            </h2>
            <p className="note">
              {describeRecipe(recipe)}, seed {seed}
              {used.subset && `; only ${used.subset}`}.{" "}
              {plural(
                finished[0]!.record.scores[0]!.confusionMatrix.flat().reduce((sum, value) => sum + value, 0),
                "test example",
              )}
              .
            </p>
          </div>
          <MemoryLegend />
        </div>
        <DataTable
          caption="Methods with their figures on the test split, computed by this browser"
          columns={columns}
          rows={rows}
          rowKey={(row) => row.method}
          selected={chosen.method}
          sorting={{ sort, onSort: setSort }}
        />
        <p className="note mt-2">
          {balanceNote(chosen, dataset.classes.length)} The marked row is shown below; press a name to show another.
          Momenta are of the batch-norm layers in order.
        </p>
        {dataset.slug === "fashion-mnist" && <ReportedElsewhere />}
      </section>
      <section className="section" aria-labelledby="chosen">
        <h2 id="chosen" aria-live="polite">
          {nameOf(chosen.policy.slug)}, {variantLabels[chosen.variant]}
        </h2>
        <p className="note mb-3">
          How far the kept statistics lie from those of the inputs that each layer really receives at inference, and the
          momentum each layer used.
        </p>
        {chosen.esm.length > 0 && <LayerTable score={chosen} name={nameOf(chosen.policy.slug)} shape={shape} />}
        <div className="mt-4">
          <ConfusionMatrix
            matrix={chosen.confusionMatrix}
            classNames={dataset.classes}
            caption={`${dataset.name}, test split, ${nameOf(chosen.policy.slug)}, ${variantLabels[chosen.variant]}.`}
          />
        </div>
      </section>
      <RunCurves finished={finished} shown={chosenRun} />
    </>
  );
}

/** Explains what sensitivity and specificity add to accuracy, or why they add nothing. */
function balanceNote({ confusionMatrix, accuracy }: ScoreRecord, classes: number): string {
  const sizes = confusionMatrix.map((row) => row.reduce((sum, value) => sum + value, 0));
  const { low: smallest, high: largest } = extent(sizes)!;
  const implied = `1 − (1 − accuracy)/${classes - 1}`;
  if (new Set(sizes).size === 1)
    return (
      `Each class has as many test examples, so sensitivity repeats accuracy, and specificity is ${implied}: ` +
      `${percent(1 - (1 - accuracy) / (classes - 1))} here.`
    );
  return (
    `Were the classes of equal size, sensitivity would repeat accuracy and specificity be ${implied}; here they ` +
    `hold ${smallest} to ${largest} test examples, so both come close.`
  );
}
