/** Batch norm over one value per channel is refused, wherever a recipe is read; any larger batch is not. */
import fc from "fast-check";
import { expect, it } from "vitest";
import { parseForm } from "@/app/_components/training/settings";
import { benchmarks, trainingFormOf } from "@/lib/leaderboard";
import { batchNormsOf, buildGraph } from "@/lib/models";
import { leastBatchSize } from "@/lib/models/least-batch-size";
import { modelNames, recipeSchema, variantNames } from "@/lib/records";
import { planRun, runFacts } from "@/lib/training";
import { digits } from "../support/digits";

const recipe = (model: (typeof modelNames)[number], batchSize: number) =>
  recipeSchema.parse({ ...benchmarks[0]!.recipe, dataset: "digits", model, width: 0.01, batchSize });

it("needs two examples exactly where a batch norm of the network sees one value per channel", () => {
  const extent = fc.integer({ min: 4, max: 40 }); // a CNN's second pool needs 4
  fc.assert(
    fc.property(
      fc.constantFrom(...modelNames),
      fc.constantFrom(...variantNames),
      extent,
      extent,
      (model, variant, height, width) => {
        const shape = [height, width, 1] as const;
        const norms = batchNormsOf(buildGraph({ model, width: 0.01, epsilon: 1e-5 }, variant, shape, 10));
        const single = norms.some(({ positions }) => positions === 1);
        expect(leastBatchSize(model, variant, shape)).toBe(single ? 2 : 1);
      },
    ),
    { numRuns: 200 },
  );
});

it("is refused by the plan, the page and the facts that a record is compared with, for the same recipes", async () => {
  const dataset = await digits();
  for (const model of modelNames)
    for (const variant of variantNames)
      for (const batchSize of [1, 2]) {
        const settings = recipe(model, batchSize);
        const tooSmall = batchSize < runFacts(settings, variant).leastBatchSize;
        expect(tooSmall).toBe(batchSize === 1 && model !== "cnn" && variant !== "bfn");
        const plan = () => planRun({ recipe: settings, variant, seed: 0, dataset });
        if (tooSmall) expect(plan).toThrow(/batchSize of .* must be at least 2: batch norm over one value per channel/);
        else expect(plan).not.toThrow();
        const form = trainingFormOf({ benchmark: null, recipe: settings, variant, seed: 0, policies: ["dmbn"] });
        const { issues } = parseForm(form, ["dmbn"]) as { issues?: { batchSize?: string } };
        if (model === "resnet-50" || (variant !== "bn-bfn-p1" && variant !== "bn-bfn-p3"))
          expect(issues?.batchSize).toEqual(tooSmall ? expect.stringContaining("at least 2") : undefined);
      }
});
