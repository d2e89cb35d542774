"use client";
/** The form: what to train, with which recipe and seed, where, and which policies to score. */
import { useId } from "react";
import { Button, Checkbox, Choices, Field, Select } from "@/app/_components/controls/controls";
import { describeRecipe } from "@/app/_components/text/describe-recipe";
import { plural } from "@/app/_components/text/format";
import type { Issues } from "@/app/_components/training/settings";
import { variantsOf } from "@/app/_components/training/settings";
import type { TrainingForm } from "@/lib/leaderboard";
import { benchmarkOf, benchmarks, ownSettings, recipeTexts, variantLabels } from "@/lib/leaderboard";
import type { Variant } from "@/lib/records";
import { BackendField } from "./backend-field";
import type { DatasetChoice, PolicyChoice } from "./choices";
import { describeFetch } from "./choices";
import { FieldIssue } from "./field-issue";
import { PolicyFields } from "./policy-fields";
import { RecipeFields } from "./recipe-fields";

interface SetupProps {
  form: TrainingForm;
  issues: Issues;
  datasets: readonly DatasetChoice[];
  policies: readonly PolicyChoice[];
  onChange: (form: TrainingForm) => void;
  onTrain: () => void;
}

const variantHints: Partial<Record<Variant, string>> = {
  bn: "batch norm everywhere",
  "bn-bfn": "every second norm batch-free",
  bfn: "no batch norm, so no momentum",
};

export function Setup({ form, issues, datasets, policies, onChange, onTrain }: SetupProps) {
  const change = (part: Partial<TrainingForm>) => onChange({ ...form, ...part });
  const benchmark = benchmarkOf(form);
  const model = benchmark?.recipe.model ?? form.recipe.model;
  const variants = useId();
  return (
    <form
      className="mt-4 grid gap-5"
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        onTrain();
      }}
    >
      <div className="grid gap-4 border-t border-line pt-4 md:grid-cols-3 md:gap-5">
        <div className="grid content-start gap-3">
          <Select
            label="Benchmark"
            value={form.benchmark}
            onChange={({ target: { value } }) =>
              change({
                benchmark: value,
                recipe: recipeTexts(
                  benchmarkOf({ benchmark: value })?.recipe ?? benchmark?.recipe ?? benchmarks[0]!.recipe,
                ),
              })
            }
            hint={benchmark?.summary ?? "Settings of your own train and publish as well, but stand on no board."}
          >
            {benchmarks.map(({ slug, title }) => (
              <option key={slug} value={slug}>
                {title}
              </option>
            ))}
            <option value={ownSettings}>Own settings</option>
          </Select>
          <Field
            label="Seed"
            value={form.seed}
            inputMode="numeric"
            onChange={({ target }) => change({ seed: target.value })}
            placeholder={benchmark ? "from the board" : "1"}
            hint={
              benchmark
                ? "Decides first weights and order. The board gives the one that it needs next; a run with a seed of your own is shown, but doesn’t rank."
                : "Decides first weights and order: a whole number below 2⁵³."
            }
            issue={issues.seed}
          />
        </div>
        <div aria-describedby={issues.variants && variants}>
          <Choices legend="Variants">
            {variantsOf(model).map((variant) => (
              <Checkbox
                key={variant}
                label={variantLabels[variant]}
                hint={variantHints[variant]}
                checked={form.variants.includes(variant)}
                onChange={({ target }) =>
                  change({
                    variants: target.checked
                      ? [...form.variants, variant]
                      : form.variants.filter((chosen) => chosen !== variant),
                  })
                }
              />
            ))}
            <p className="note mt-1">Several are trained one after the other, with the same seed.</p>
            <FieldIssue id={variants} text={issues.variants} />
          </Choices>
        </div>
        <BackendField value={form.backend} onChange={(backend) => change({ backend })} />
      </div>
      {benchmark ? (
        <div className="border-t border-line pt-3">
          <h2>Recipe</h2>
          <p className="mt-1 text-ink-2">
            {datasets.find(({ slug }) => slug === benchmark.recipe.dataset)?.name} · {describeRecipe(benchmark.recipe)}
            {describeFetch(datasets, benchmark.recipe.dataset)}.{" "}
            <Button
              kind="plain"
              onClick={() => change({ benchmark: ownSettings, recipe: recipeTexts(benchmark.recipe) })}
            >
              Change it
            </Button>
          </p>
        </div>
      ) : (
        <RecipeFields
          recipe={form.recipe}
          issues={issues}
          datasets={datasets}
          onChange={(recipe) => change({ recipe })}
        />
      )}
      <PolicyFields
        chosen={form.policies}
        issue={issues.policies}
        policies={policies}
        onChange={(chosen) => change({ policies: chosen })}
      />
      <div className="sticky bottom-0 z-10 flex flex-wrap items-center gap-3 border-t border-line bg-bg py-3">
        <Button type="submit" kind="primary">
          Train
        </Button>
        <p className="note" role="status">
          {Object.keys(issues).length > 0
            ? `Not yet: ${Object.values(issues)[0]}`
            : `${plural(form.variants.length, "run")}, ${plural(form.policies.length, "policy", "policies")} each.`}
        </p>
      </div>
    </form>
  );
}
