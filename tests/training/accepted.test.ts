import { expect, it } from "vitest";
import { builtInPolicies, policyHash, recalibrate, schedule, select } from "@/lib/dmbn/policy";
import { recordRefusals } from "@/lib/leaderboard";
import type { Recipe, RunRecord, Variant } from "@/lib/records";
import { evaluationsPerRun, modelNames, runRecordSchema, variantNames } from "@/lib/records";
import type { NamedPolicy } from "@/lib/training";
import { planRun, recordOf, runFacts, trainAndScore } from "@/lib/training";
import { eachBackend } from "../support/backends";
import { digits, shortRecipe } from "../support/digits";

const own: readonly NamedPolicy[] = [
  ["of-layers", schedule("layer / layers * 0.9")],
  ["of-channels", schedule("1 - 1 / channels", { varianceMomentum: "0.5" })],
  ["debiased", schedule("0.999", { debias: true })],
  ["one-candidate", select({ candidates: ["0.9"] })],
  ["drift-apart", select({ by: "drift", parameters: "separate" })],
  ["measured", recalibrate({ samples: 20 })],
].map(([slug, document]) => ({ slug, document }) as NamedPolicy);
const policies = [...builtInPolicies.map(({ slug, document }) => ({ slug, document })), ...own];
const known = new Map(policies.map(({ slug, document }) => [slug, { hash: policyHash(document), document }]));

async function recordWith(change: Partial<Recipe>, variant: Variant, scored = policies): Promise<RunRecord> {
  const recipe = { ...shortRecipe, calibrationSize: 60, ...change };
  const plan = planRun({ recipe, variant, seed: 3, dataset: await digits() });
  let milliseconds = 0;
  const options = {
    policies: scored,
    evaluations: evaluationsPerRun,
    now: () => (milliseconds += 3),
    limits: { tensorBytes: Infinity, totalBytes: Infinity },
  };
  for await (const event of trainAndScore(plan, options))
    if (event.kind === "finished")
      return recordOf({
        ...event.result,
        benchmark: null,
        backend: { name: "cpu", adapter: "", reason: "", threads: 1 },
        platform: "a test",
      }).record;
  throw new Error("the run did not finish");
}

/** As published: through JSON and the schema. */
function refusalsOf(record: RunRecord) {
  const sent = runRecordSchema.parse(JSON.parse(JSON.stringify(record)));
  return recordRefusals(sent, { policies: known, run: runFacts(sent.manifest.recipe, sent.manifest.variant) });
}

eachBackend("the rules accept what the trainer records", () => {
  it.each(variantNames)("of every policy, in the variant %s", async (variant) => {
    const record = await recordWith({ maxSteps: 40 }, variant);
    expect(record.scores).toHaveLength(policies.length);
    expect(refusalsOf(record)).toEqual([]);
  });

  it.each(modelNames)("of the network %s, in every variant", async (model) => {
    const scored = policies.filter(({ slug }) => ["keras-default", "dmbn", "precise-bn"].includes(slug));
    for (const variant of variantNames) {
      const width = model === "resnet-50" ? 0.02 : 0.1;
      const record = await recordWith(
        { model, width, maxSteps: 2, batchSize: 8, calibrationSize: 10 },
        variant,
        scored,
      );
      expect(refusalsOf(record)).toEqual([]);
    }
  });

  it.each([1, 5, 11, 12, 13, 25])("of %i steps", async (maxSteps) => {
    expect(refusalsOf(await recordWith({ maxSteps, validationSize: 0 }, "bn", policies.slice(0, 2)))).toEqual([]);
  });

  it("of more steps than a curve has points", async () => {
    const recipe = { width: 0.02, epochs: 2, maxSteps: 1001, batchSize: 2, model: "mlp" } as const;
    const record = await recordWith(recipe, "bn", policies.slice(0, 1));
    expect(record.curves.loss).toHaveLength(501);
    expect(refusalsOf(record)).toEqual([]);
  });
}, ["cpu"]);
