/** The selected method: its layers, its confusion matrix, and its mistakes. */
import { ConfusionMatrix } from "@/app/_components/charts/confusion-matrix";
import { LayerTable } from "@/app/_components/tables/layer-table";
import { Section } from "@/app/_components/text/section";
import { datasetInfo } from "@/lib/datasets/registry";
import type { mistakes as findMistakes } from "@/lib/server/runs/mistakes";
import type { RunDetail, RunScoreDetail } from "@/lib/server/runs/read";
import { runShape } from "@/lib/training";
import { Mistakes } from "./mistakes";

interface ChosenMethodProps {
  run: RunDetail;
  chosen: RunScoreDetail;
  mistakes: Awaited<ReturnType<typeof findMistakes>>;
}

export function ChosenMethod({ run: { manifest, scores }, chosen, mistakes }: ChosenMethodProps) {
  const dataset = datasetInfo(manifest.dataset.slug);
  const shape = runShape(manifest.recipe, manifest.variant);
  return (
    <>
      <Section
        id="layers"
        title={`${chosen.policy.name}, layer by layer`}
        note={
          <>
            How far the kept statistics lie from those of the inputs each layer really receives at inference, and the
            momentum it used. Claimed by the browser that trained: the server can’t derive it.
          </>
        }
      >
        <LayerTable score={chosen} name={chosen.policy.name} shape={shape} />
      </Section>
      <Section id="matrix" title={`${chosen.policy.name}: what was taken for what`} gap={2}>
        <ConfusionMatrix
          matrix={chosen.confusionMatrix}
          classNames={dataset.classes}
          caption={`${dataset.name}, test split, ${chosen.policy.name}.`}
        />
      </Section>
      {mistakes && (
        <Section id="mistakes" title={`${chosen.policy.name}: what it got wrong`} gap={0}>
          <Mistakes dataset={dataset} {...mistakes} otherMethods={scores.length - 1} />
        </Section>
      )}
    </>
  );
}
