/** The dissertation's two figures, and the protocols in which ours come nearest to both. */
import Link from "next/link";
import type { Column } from "@/app/_components/tables/data-table";
import { DataTable } from "@/app/_components/tables/data-table";
import { count, plural } from "@/app/_components/text/format";
import type { Recipe, RegimeSummary, Study, Variant } from "@/lib/records";
import { studyAddress } from "@/lib/server/study";
import { findMethod } from "./regimes";

/** Accuracies on Fashion-MNIST: DMBN, and BN-BFN. */
const reported = [0.889, 0.853] as const;
const SHOWN = 6;

interface Protocol {
  name: string;
  recipe: Recipe;
  dmbn: number;
  batchFree: number;
}

/** @param search the study of many protocols, one seed each */
export function Protocols({ search, regimes }: { search: Study; regimes: readonly RegimeSummary[] }) {
  const protocols = protocolsOf(search);
  const nearest = [...protocols].sort((a, b) => distance(a) - distance(b)).slice(0, SHOWN);
  const widest = protocols.reduce((most, { dmbn, batchFree }) => Math.max(most, dmbn - batchFree), -1);
  const both = protocols.filter((protocol) => distance(protocol) <= 0.005).length;
  const ours = regimes.find(({ regime }) => regime === "fashion-mnist-mlp");
  return (
    <div className="mt-4">
      <p className="max-w-prose">
        On Fashion-MNIST the dissertation reports an accuracy of {reported[0]} for DMBN and {reported[1]} for BN-BFN;
        its network, batch size, epochs and seeds are not public.{" "}
        {ours && (
          <>
            <Link href="/study/fashion-mnist-mlp">Our MLP</Link> gives {mean(ours, "bn", "dmbn")} and{" "}
            {mean(ours, "bn-bfn", "pytorch-default")}.{" "}
          </>
        )}
        Trained alike in {count(protocols.length)} ways (two MLPs, two batches, three lengths, two optimizers, two
        rates), one seed each, {outcome(both)} DMBN is at most {(100 * widest).toFixed(1)} points above BN-BFN, not{" "}
        {(100 * (reported[0] - reported[1])).toFixed(1)}.
      </p>
      <div className="mt-3">
        <DataTable
          caption={`The ${SHOWN} protocols whose two figures come nearest to the reported ones`}
          captionShown
          columns={columns}
          rows={nearest}
          rowKey={({ name }) => name}
        />
      </div>
      <p className="note mt-2">
        All of them: <a href={`${studyAddress("protocols")}/study.csv.gz`}>study.csv.gz</a>; made by{" "}
        <code>{search.command}</code>.
      </p>
    </div>
  );
}

const outcome = (both: number): string =>
  both === 0
    ? "both figures never come out within half a point."
    : `both figures come out within half a point in ${both}.`;

function protocolsOf({ recipes, summary }: Study): Protocol[] {
  return summary.regimes.flatMap((regime) => {
    const recipe = recipes.find((known) => known.regime === regime.regime)?.recipe;
    const dmbn = findMethod(regime, "bn", "dmbn")?.accuracy.mean;
    const batchFree = findMethod(regime, "bn-bfn", "pytorch-default")?.accuracy.mean;
    if (!recipe || dmbn === undefined || batchFree === undefined) return [];
    return [{ name: regime.regime, recipe, dmbn, batchFree }];
  });
}

/** The larger of the two differences from what is reported. */
const distance = ({ dmbn, batchFree }: Protocol): number =>
  Math.max(Math.abs(dmbn - reported[0]), Math.abs(batchFree - reported[1]));

const mean = (regime: RegimeSummary, variant: Variant, policy: string): string =>
  findMethod(regime, variant, policy)?.accuracy.mean.toFixed(3) ?? "–";

const columns: Column<Protocol>[] = [
  {
    key: "network",
    head: "Network",
    cell: ({ recipe: { model, batchSize, epochs, optimizer, learningRate } }) => (
      <>
        {model}
        <span className="folded">
          {" "}
          batch {batchSize}, {plural(epochs, "epoch")}, {optimizer} {learningRate}
        </span>
      </>
    ),
  },
  { key: "batch", head: "batch", align: "end", wide: true, cell: ({ recipe }) => count(recipe.batchSize) },
  { key: "epochs", head: "epochs", align: "end", wide: true, cell: ({ recipe }) => count(recipe.epochs) },
  {
    key: "optimizer",
    head: "optimizer, rate",
    wide: true,
    cell: ({ recipe }) => `${recipe.optimizer}, ${recipe.learningRate}`,
  },
  { key: "dmbn", head: "DMBN, all-BN", group: "accuracy", align: "end", cell: ({ dmbn }) => dmbn.toFixed(3) },
  { key: "bfn", head: "BN-BFN, .9", group: "accuracy", align: "end", cell: ({ batchFree }) => batchFree.toFixed(3) },
];
