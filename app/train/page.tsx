/** Train in the browser, score every policy on the one run, publish. */
import type { Metadata } from "next";
import Link from "next/link";
import { builtInPolicies, staticSweep } from "@/lib/dmbn/policy";
import { readTrainingForm } from "@/lib/leaderboard";
import { listDatasets } from "@/lib/server/datasets";
import { currentUser, signInProviders } from "@/lib/server/people/auth";
import { run as findRun } from "@/lib/server/runs/read";
import { Train } from "./train";

export const metadata: Metadata = {
  title: "Train",
  description:
    "Train a network with batch norm in your browser; one run scores every momentum policy on identical weights.",
};

export const dynamic = "force-dynamic";

/** The sweep first, from short memory to long. */
const policies = [...builtInPolicies]
  .sort((a, b) => place(a.slug) - place(b.slug))
  .map(({ slug, name, rule, document }) => ({
    slug,
    name,
    rule,
    kind: staticSweep.includes(slug)
      ? ("sweep" as const)
      : document.kind === "schedule"
        ? ("published" as const)
        : ("fitted" as const),
  }));

function place(slug: string): number {
  return staticSweep.includes(slug) ? staticSweep.indexOf(slug) : staticSweep.length;
}

export default async function TrainPage({ searchParams }: PageProps<"/train">) {
  const [query, datasets, user] = await Promise.all([searchParams, listDatasets(), currentUser()]);
  const named = query.reproduces;
  const reproduced = typeof named === "string" ? await findRun(named) : null;
  const single = Object.entries(query).filter((entry): entry is [string, string] => typeof entry[1] === "string");
  return (
    <>
      <h1>Train in your browser</h1>
      <p className="lede">
        One run scores every momentum policy on identical weights: momentum is read at inference only, so it changes
        none of them. Nothing leaves this machine until you publish.
      </p>
      <p className="note">
        <Link href="/bench">How fast is this machine?</Link> Half a minute measures it, on every backend.
      </p>
      <noscript>
        <p className="problem mt-4">
          Training runs as a program in this page. Allow scripts for this site, then reload.
        </p>
      </noscript>
      {reproduced && (
        <p className="note mt-3">
          Set as in <Link href={`/runs/${reproduced.id}`}>the run of {reproduced.user ?? "a deleted account"}</Link>,
          seed {reproduced.seed}. Trained and published unchanged, yours is linked to it and counted as a reproduction.
        </p>
      )}
      <Train
        initialForm={readTrainingForm(new URLSearchParams(single))}
        datasets={datasets.map(({ slug, name, copy, downloadBytes }) => ({
          slug,
          name,
          bytesToFetch: copy ? 0 : downloadBytes,
        }))}
        policies={policies}
        reproduces={
          reproduced && {
            id: reproduced.id,
            user: reproduced.user,
            recipe: reproduced.manifest.recipe,
            variant: reproduced.variant,
            seed: reproduced.seed,
          }
        }
        userName={user?.name ?? null}
        providers={signInProviders()}
      />
    </>
  );
}
