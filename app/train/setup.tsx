"use client";
/** The form: what to train, with which recipe and seed, where, and which policies to score. */
import { useId } from "react";
import { Button, Checkbox, Choices, Field, Segments, Select } from "@/app/_components/controls/controls";
import { Tip } from "@/app/_components/controls/tip";
import type { MomentumMark } from "@/app/_components/momentum/momentum";
import { MomentumChip } from "@/app/_components/momentum/momentum";
import { Rule } from "@/app/_components/momentum/rule";
import { plural } from "@/app/_components/text/format";
import { recipeWords } from "@/app/_components/text/recipe-words";
import { variantLabels } from "@/app/_components/text/variant";
import type { BackendWish, TrainingForm } from "@/lib/leaderboard";
import { benchmarkOf, benchmarks, defaultTrainingPolicies, ownSettings, recipeTexts } from "@/lib/leaderboard";
import type { Variant } from "@/lib/records";
import { modelNames } from "@/lib/records";
import type { DatasetChoice, PolicyChoice } from "./choices";
import type { Complaints, RecipeField } from "./settings";
import { variantsOf } from "./settings";

interface SetupProps {
  form: TrainingForm;
  complaints: Complaints;
  datasets: readonly DatasetChoice[];
  policies: readonly PolicyChoice[];
  onChange: (form: TrainingForm) => void;
  onTrain: () => void;
}

const backendOptions = [
  { value: "auto", label: "Auto" },
  { value: "webgpu", label: "WebGPU" },
  { value: "wasm", label: "WASM" },
  { value: "cpu", label: "CPU" },
] as const satisfies readonly { value: BackendWish; label: string }[];

const variantWords: Partial<Record<Variant, string>> = {
  bn: "batch norm everywhere",
  "bn-bfn": "every second norm batch-free",
  bfn: "no batch norm, so no momentum",
};

export function Setup({ form, complaints, datasets, policies, onChange, onTrain }: SetupProps) {
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
            hint="0 to 4,294,967,295. It decides first weights and order; a board counts each seed once."
            complaint={complaints.seed}
          />
        </div>
        <div aria-describedby={complaints.variants && variants}>
          <Choices legend="Variants">
            {variantsOf(model).map((variant) => (
              <Checkbox
                key={variant}
                label={variantLabels[variant]}
                hint={variantWords[variant]}
                checked={form.variants.includes(variant)}
                onChange={({ target }) =>
                  change({
                    variants: target.checked
                      ? [...form.variants, variant]
                      : form.variants.filter((one) => one !== variant),
                  })
                }
              />
            ))}
            <p className="note mt-1">Several are trained one after the other, with the same seed.</p>
            <Complaint id={variants} text={complaints.variants} />
          </Choices>
        </div>
        <div>
          <Choices legend="Computes with">
            <Segments
              label="Backend"
              name="backend"
              options={backendOptions}
              value={form.backend}
              onChange={(backend) => change({ backend })}
            />
            <p className="note mt-2">
              {form.backend === "auto"
                ? "The fastest whose numbers pass a self-test."
                : form.backend === "webgpu"
                  ? "Your graphics card. Without one the browser may emulate it, slowly."
                  : form.backend === "wasm"
                    ? "Your processor, with vector instructions, and threads where it has four cores or more."
                    : "Plain JavaScript: works everywhere, slowest."}
            </p>
          </Choices>
        </div>
      </div>
      {benchmark ? (
        <div className="border-t border-line pt-3">
          <h2>Recipe</h2>
          <p className="mt-1 text-ink-2">
            {datasets.find(({ slug }) => slug === benchmark.recipe.dataset)?.name} · {recipeWords(benchmark.recipe)}
            {fetchWords(datasets, benchmark.recipe.dataset)}.{" "}
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
          form={form}
          complaints={complaints}
          datasets={datasets}
          onChange={(recipe) => change({ recipe })}
        />
      )}
      <PolicyFields
        chosen={form.policies}
        complaint={complaints.policies}
        policies={policies}
        onChange={(chosen) => change({ policies: chosen })}
      />
      <div className="sticky bottom-0 z-10 flex flex-wrap items-center gap-3 border-t border-line bg-bg py-3">
        <Button type="submit" kind="primary">
          Train
        </Button>
        <p className="note" role="status">
          {Object.keys(complaints).length > 0
            ? `Not yet: ${Object.values(complaints)[0]}`
            : `${plural(form.variants.length, "run")}, ${plural(form.policies.length, "policy", "policies")} each.`}
        </p>
      </div>
    </form>
  );
}

function RecipeFields({
  form: { recipe },
  complaints,
  datasets,
  onChange,
}: Pick<SetupProps, "form" | "complaints" | "datasets"> & { onChange: (recipe: TrainingForm["recipe"]) => void }) {
  const set = (field: RecipeField) => ({
    value: recipe[field],
    complaint: complaints[field],
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
          <option value="sgd">SGD</option>
          <option value="adam">Adam</option>
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

const groups = [
  { kind: "fitted", legend: "Chosen or measured after the run" },
  { kind: "sweep", legend: "Static sweep, from short memory to long" },
  { kind: "published", legend: "Other published rules" },
] as const;

function PolicyFields({
  chosen,
  complaint,
  policies,
  onChange,
}: {
  chosen: readonly string[];
  complaint: string | undefined;
  policies: readonly PolicyChoice[];
  onChange: (slugs: string[]) => void;
}) {
  const id = useId();
  const all = policies.map(({ slug }) => slug);
  return (
    <section className="border-t border-line pt-3" aria-labelledby={id}>
      <div className="mb-3 flex flex-wrap items-center gap-x-3 gap-y-1">
        <h2 id={id}>
          Policies to score
          <Tip about="scoring policies">
            <p>All are scored on the same weights. Sixteen cost little more than one: training happens once.</p>
          </Tip>
        </h2>
        <span className="text-ink-3 text-table">
          {chosen.length} of {policies.length}
        </span>
        <Button kind="plain" onClick={() => onChange(all)}>
          All
        </Button>
        <Button kind="plain" onClick={() => onChange([])}>
          None
        </Button>
        <Button kind="plain" onClick={() => onChange([...defaultTrainingPolicies])}>
          Usual
        </Button>
      </div>
      <div className="grid gap-4 md:grid-cols-3 md:gap-5">
        {groups.map(({ kind, legend }) => (
          <Choices key={kind} legend={legend}>
            {policies
              .filter((policy) => policy.kind === kind)
              .map(({ slug, name, rule }) => (
                <Checkbox
                  key={slug}
                  label={name}
                  hint={
                    kind === "sweep" ? (
                      <span className="ms-1">
                        <MomentumChip {...momentumOf(rule)} />
                      </span>
                    ) : (
                      kind === "published" && (
                        <span className="rule">
                          <Rule>{rule}</Rule>
                        </span>
                      )
                    )
                  }
                  checked={chosen.includes(slug)}
                  onChange={({ target }) =>
                    onChange(target.checked ? [...chosen, slug] : chosen.filter((one) => one !== slug))
                  }
                />
              ))}
          </Choices>
        ))}
      </div>
      <Complaint id={`${id}-complaint`} text={complaint} />
    </section>
  );
}

/** A point of the sweep on the ramp: its rule is a constant, or the cumulative average. */
function momentumOf(rule: string): MomentumMark {
  const constant = Number(rule);
  return Number.isNaN(constant) ? { memory: "cumulative", label: rule } : { memory: constant, label: String(constant) };
}

function Complaint({ id, text }: { id: string; text: string | undefined }) {
  return (
    text && (
      <div className="field">
        <p id={id} className="complaint mt-1">
          {text}
        </p>
      </div>
    )
  );
}

function fetchWords(datasets: readonly DatasetChoice[], slug: string): string {
  const bytes = datasets.find((one) => one.slug === slug)?.bytesToFetch ?? 0;
  return bytes > 0 ? ` · ${megabytes(bytes)} to fetch first` : "";
}

const megabytes = (bytes: number): string => `${Math.max(1, Math.round(bytes / 1e6))} MB`;
