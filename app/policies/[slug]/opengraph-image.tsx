/** The Open Graph image of a policy: its rule and its rank. */
import { memoryClass } from "@/app/_components/momentum/memory";
import { memoryBadge } from "@/app/_components/momentum/memory-badge";
import { percent } from "@/app/_components/text/format";
import { parsePolicy } from "@/lib/dmbn/policy";
import { formatBand, variantLabels } from "@/lib/leaderboard";
import { policy as findPolicy } from "@/lib/server/policies/read";
import { runShape } from "@/lib/training";
import { picture, pictureSize } from "../../og-picture";

export const dynamic = "force-dynamic";
export const size = pictureSize;
export const contentType = "image/png";
export const alt = "This policy's rule, and its accuracy on the boards it stands on";

export default async function Picture({ params }: { params: Promise<{ slug: string }> }) {
  const published = await findPolicy((await params).slug);
  if (!published) return new Response("Not found", { status: 404 });
  if (published.issues.length > 0)
    return picture({ kind: "Momentum policy", title: published.name, note: "It can no longer be read.", rows: [] });
  const policy = parsePolicy(published.document);
  const standings = [...published.standings]
    .sort((a, b) => Number(b.entry.division === "closed") - Number(a.entry.division === "closed"))
    .slice(0, 4);
  return picture({
    kind: "Momentum policy",
    title: published.name,
    note: published.rule,
    rows: standings.map(({ benchmark, entry: { variant, accuracy, band, division } }) => ({
      name: `${benchmark.title}, ${variantLabels[variant]}${division === "open" ? "*" : ""}`,
      value: `${percent(accuracy.mean)} %${band ? `, rank ${formatBand(band)}` : ""}`,
      memory: memoryClass(memoryBadge(policy, runShape(benchmark.recipe)).memory),
      ...(accuracy.low !== null &&
        accuracy.high !== null && {
          interval: { low: clamp(accuracy.low), mean: accuracy.mean, high: clamp(accuracy.high) },
        }),
    })),
  });
}

const clamp = (fraction: number): number => Math.min(1, Math.max(0, fraction));
