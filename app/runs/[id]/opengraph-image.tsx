/** The Open Graph image of a run: its most accurate methods. */
import { percent, plural } from "@/app/_components/text/format";
import { datasetInfo } from "@/lib/datasets/registry";
import { variantLabels } from "@/lib/leaderboard";
import { run as findRun } from "@/lib/server/runs/read";
import { onOneScale, picture, pictureSize } from "../../og-picture";

export const dynamic = "force-dynamic";
export const size = pictureSize;
export const contentType = "image/png";
export const alt = "The most accurate methods of this run";

export default async function Picture({ params }: { params: Promise<{ id: string }> }) {
  const run = await findRun((await params).id);
  if (!run) return new Response("Not found", { status: 404 });
  const rows = onOneScale(
    run.scores
      .slice(0, 5)
      .map(({ policy, accuracy }) => ({ name: policy.name, mean: accuracy, low: null, high: null })),
  );
  return picture({
    kind: "Run",
    title: `${run.benchmark?.title ?? datasetInfo(run.dataset).name}, ${variantLabels[run.variant]}, seed ${run.seed}`,
    note:
      `Trained by ${run.user ?? "a deleted account"}: ${plural(run.methods, "method")} scored on the same ` +
      "weights.",
    rows: rows.map(({ name, mean, interval }) => ({ name, value: `${percent(mean)} %`, interval })),
  });
}
