/** The settings of methods and of runs as named rows, one value per compared entry. */
import { describeRecipe } from "@/app/_components/text/describe-recipe";
import { count, date, duration } from "@/app/_components/text/format";
import type { MomentumPolicy } from "@/lib/dmbn/policy";
import { describeRecalibration } from "@/lib/dmbn/policy";
import type { BoardEntry } from "@/lib/leaderboard";
import { variantLabels } from "@/lib/leaderboard";
import type { ComparedRun } from "@/lib/server/runs/compare";

/** Setting → its value; settings that don't apply are absent. */
type Settings = Readonly<Record<string, string>>;

export interface Setting {
  name: string;
  /** One per compared entry, in order; null if the setting doesn't apply. */
  values: (string | null)[];
  differs: boolean;
}

/** The union of all settings, as rows. */
export function rowsOf(settings: readonly Settings[]): Setting[] {
  const names = [...new Set(settings.flatMap((values) => Object.keys(values)))];
  return names.map((name) => {
    const values = settings.map((values) => values[name] ?? null);
    return { name, values, differs: new Set(values).size > 1 };
  });
}

export function methodSettings({ variant, policy }: BoardEntry, document: MomentumPolicy): Settings {
  return {
    variant: variantLabels[variant],
    kind: document.kind,
    ...policySettings(document),
    rule: policy.rule,
    author: policy.author ?? (policy.builtIn ? "built in" : "a deleted account"),
  };
}

function policySettings(policy: MomentumPolicy): Settings {
  switch (policy.kind) {
    case "schedule":
      return {
        "β of the mean": policy.momentum,
        "β of the variance": policy.varianceMomentum ?? policy.momentum,
        "starts from": `mean ${policy.initial.mean}, variance ${policy.initial.variance}`,
        debiased: policy.debias ? "yes" : "no",
        "variance averaged": policy.variance,
      };
    case "select":
      return {
        candidates: policy.candidates.join(", "),
        "chosen by": policy.by.replaceAll("-", " "),
        "chosen for": `each ${policy.granularity}`,
        order: policy.order,
        "mean and variance": policy.parameters === "joint" ? "share a choice" : "chosen apart",
        chosen: policy.every === null ? "once, after the run" : `every ${policy.every} epochs`,
        "variance averaged": policy.variance,
      };
    case "recalibrate":
      return { measured: describeRecalibration(policy) };
  }
}

export function runSettings({ manifest, timings, benchmark, user, createdAt, seed }: ComparedRun): Settings {
  const { recipe, dataset, backend, software } = manifest;
  const { dataset: _, ...values } = recipe;
  return {
    benchmark: benchmark ? `${benchmark.title}, version ${benchmark.version}` : "settings of its own",
    "data set": `${dataset.slug}, version ${dataset.version}${dataset.subset ? `, ${dataset.subset}` : ""}`,
    variant: variantLabels[manifest.variant],
    seed: String(seed),
    recipe: describeRecipe(recipe),
    ...Object.fromEntries(
      Object.entries(values).map(([field, value]) => [labelOf(field), value === null ? "none" : String(value)]),
    ),
    steps: count(manifest.steps),
    parameters: count(manifest.parameters),
    backend: `${backend.name}, ${backend.adapter || "no adapter named"}`,
    threads: count(backend.threads),
    software: `DMBench ${software.dmbench}, TensorFlow.js ${software.tfjs}`,
    platform: software.platform,
    "training time": duration(timings.trainingSeconds),
    published: `${date(createdAt)} by ${user ?? "a deleted account"}`,
  };
}

/** "learningRateSchedule" → "learning rate schedule". */
const labelOf = (field: string): string => field.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
