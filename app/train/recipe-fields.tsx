"use client";
/** The fields of a custom recipe. */
import { Checkbox, Field, Select } from "@/app/_components/controls/controls";
import { optimizerLabels } from "@/app/_components/text/describe-recipe";
import type { Issues, RecipeField } from "@/app/_components/training/settings";
import type { TrainingForm } from "@/lib/leaderboard";
import { modelNames } from "@/lib/records";
import type { DatasetChoice } from "./choices";
import { megabytes } from "./choices";

interface RecipeFieldsProps {
  recipe: TrainingForm["recipe"];
  issues: Issues;
  datasets: readonly DatasetChoice[];
  onChange: (recipe: TrainingForm["recipe"]) => void;
}

export function RecipeFields({ recipe, issues, datasets, onChange }: RecipeFieldsProps) {
  const set = (field: RecipeField) => ({
    value: recipe[field],
    issue: issues[field],
    onChange: ({ target }: { target: { value: string } }) => onChange({ ...recipe, [field]: target.value }),
  });
  return (
    <fieldset className="border-t border-line pt-3">
      <legend className="sr-only">Recipe</legend>
      <h2 aria-hidden="true" className="mb-3">
        Recipe
      </h2>
      <div className="grid grid-cols-2 gap-3 sm:grid-cols-3 lg:grid-cols-4">
        <Select label="Data set" {...set("dataset")}>
          {datasets.map(({ slug, name, bytesToFetch }) => (
            <option key={slug} value={slug}>
              {name}
              {bytesToFetch > 0 && ` (${megabytes(bytesToFetch)} to fetch)`}
            </option>
          ))}
        </Select>
        <Select label="Network" {...set("model")}>
          {modelNames.map((name) => (
            <option key={name}>{name}</option>
          ))}
        </Select>
        <Field label="Width" inputMode="decimal" hint="Multiplies every hidden width; to 4." {...set("width")} />
        <Field label="Epochs" inputMode="numeric" hint="1 to 1,000." {...set("epochs")} />
        <Field label="Batch size" inputMode="numeric" hint="1 to 4,096." {...set("batchSize")} />
        <Field label="Steps at most" inputMode="numeric" hint="Empty: all epochs." {...set("maxSteps")} />
        <Field label="Learning rate" inputMode="decimal" hint="Above 0, to 10." {...set("learningRate")} />
        <Select label="Its schedule" {...set("learningRateSchedule")}>
          {["constant", "step", "cosine"].map((name) => (
            <option key={name}>{name}</option>
          ))}
        </Select>
        <Select label="Optimizer" {...set("optimizer")}>
          {Object.entries(optimizerLabels).map(([name, label]) => (
            <option key={name} value={name}>
              {label}
            </option>
          ))}
        </Select>
        <Field
          label="Momentum of SGD"
          inputMode="decimal"
          hint="0 to below 1. Not batch norm’s."
          {...set("sgdMomentum")}
        />
        <Field label="Weight decay" inputMode="decimal" hint="0 to 1." {...set("weightDecay")} />
        <Field label="ε of the norm" inputMode="decimal" hint="Above 0, to 0.1." {...set("epsilon")} />
        <Field
          label="Calibration examples"
          inputMode="numeric"
          hint="Held back to measure shift."
          {...set("calibrationSize")}
        />
        <Field
          label="Validation examples"
          inputMode="numeric"
          hint="Held back for the curve."
          {...set("validationSize")}
        />
        <div className="self-center">
          <Checkbox
            label="Augment"
            hint="flips and shifted crops"
            checked={recipe.augment === "true"}
            onChange={({ target }) => onChange({ ...recipe, augment: target.checked ? "true" : "" })}
          />
        </div>
      </div>
    </fieldset>
  );
}
