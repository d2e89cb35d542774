/** The Open Graph image of a board: its first methods with their intervals. */
import { memoryClass } from "@/app/_components/momentum/memory";
import { memoryBadge } from "@/app/_components/momentum/memory-badge";
import { percent } from "@/app/_components/text/format";
import { parsePolicy } from "@/lib/dmbn/policy";
import { variantLabels } from "@/lib/leaderboard";
import { boardPage } from "@/lib/server/boards/read";
import { runShape } from "@/lib/training";
import { onOneScale, picture, pictureSize } from "../../og-picture";

export const dynamic = "force-dynamic";
export const size = pictureSize;
export const contentType = "image/png";
export const alt = "The first methods of this board with the mean and 95 % interval of their accuracy";

export default async function Picture({ params }: { params: Promise<{ benchmark: string }> }) {
  const { benchmark: slug } = await params;
  const page = await boardPage(slug, {}, { take: 5 });
  if (!page) return new Response("Not found", { status: 404 });
  const run = runShape(page.benchmark.recipe);
  const rows = onOneScale(page.rows.map((row) => ({ ...row.accuracy, row })));
  return picture({
    kind: "Leaderboard",
    title: page.benchmark.title,
    note: page.benchmark.summary,
    rows: rows.map(({ interval, row, mean, low, high }) => ({
      name: `${row.policy.name}, ${variantLabels[row.variant]}`,
      value: `${percent(mean)}${low !== null && high !== null ? ` ± ${percent((high - low) / 2)}` : ""} %`,
      memory: memoryClass(memoryBadge(parsePolicy(row.document), run).memory),
      interval,
    })),
  });
}
