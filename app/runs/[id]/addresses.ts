/** URLs that a run's page links to. */
import { trainingFormOf, writeTrainingForm } from "@/lib/leaderboard";
import type { RunDetail } from "@/lib/server/runs/read";

/** The training form filled in with this run's settings and its id, so that the new run is linked to it. */
export function rerunForm({ id, manifest, benchmark, scores }: RunDetail): URLSearchParams {
  const form = writeTrainingForm(
    trainingFormOf({ ...manifest, benchmark, policies: scores.map(({ policy }) => policy.slug) }),
  );
  form.set("reproduces", id);
  return form;
}

export function methodHref(id: string, query: Record<string, string | string[] | undefined>, method: string): string {
  const { sort, direction } = query;
  const carried = Object.entries({ method, sort, direction }).filter(
    (entry): entry is [string, string] => typeof entry[1] === "string",
  );
  return `/runs/${id}?${new URLSearchParams(carried)}`;
}
