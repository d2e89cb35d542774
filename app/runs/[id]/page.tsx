/** One published run: its methods, curves, shift and momentum per layer, confusion matrix, manifest, files. */
import type { Metadata } from "next";
import { notFound } from "next/navigation";
import { cache } from "react";
import { plural } from "@/app/_components/text/format";
import { mistakes as findMistakes } from "@/lib/server/runs/mistakes";
import { run as findRun } from "@/lib/server/runs/read";
import { heading, RunView } from "./run-view";

export const dynamic = "force-dynamic";

const read = cache(async (id: string) => findRun(id));

export async function generateMetadata({ params }: PageProps<"/runs/[id]">): Promise<Metadata> {
  const run = await read((await params).id);
  if (!run) return { title: "Not found" };
  return {
    title: `${heading(run)} by ${run.user ?? "a deleted account"}`,
    description: `${plural(run.methods, "method")} scored on one training run.`,
  };
}

export default async function RunPage({ params, searchParams }: PageProps<"/runs/[id]">) {
  const [{ id }, query] = await Promise.all([params, searchParams]);
  const run = await read(id);
  if (!run) notFound();
  const chosen = run.scores.find(({ method }) => method === query.method) ?? run.scores[0]!;
  const mistakes = await findMistakes(id, {
    method: chosen.method,
    dataset: run.manifest.dataset.slug,
    take: PICTURES_SHOWN,
  });
  return <RunView run={run} chosen={chosen} mistakes={mistakes} query={query} />;
}

/** Most images shown: two screens of a phone. */
const PICTURES_SHOWN = 24;
