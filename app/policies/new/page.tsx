/** A new policy: from scratch, from a link, or forked from a published one. */

import type { Metadata } from "next";
import Link from "next/link";
import { Crumbs } from "@/app/_components/text/crumbs";
import { parsePolicy } from "@/lib/dmbn/policy";
import { currentUser, signInProviders } from "@/lib/server/people/auth";
import { policy as findPolicy } from "@/lib/server/policies/read";
import { warmUp } from "@/lib/server/scoring/worker";
import { Playground } from "./playground";
import { publicTrajectories } from "./trajectories";
import "./playground.css";

export const metadata: Metadata = {
  title: "New policy",
  description: "Write a momentum policy in one line, watch its curve and its scores move as you type, and submit it.",
};

export const dynamic = "force-dynamic";

export default async function NewPolicyPage({ searchParams }: PageProps<"/policies/new">) {
  const { fork, on } = await searchParams;
  void warmUp(); // so that the server is ready to score before the policy is written
  const [user, found, trajectories] = await Promise.all([
    currentUser(),
    typeof fork === "string" ? findPolicy(fork) : null,
    publicTrajectories(),
  ]);
  const forked = found && found.issues.length === 0 ? found : null;
  const begin = trajectories.find(({ benchmark }) => benchmark === on) ?? trajectories[0];
  return (
    <>
      <Crumbs
        path={[
          { href: "/policies", title: "Policies" },
          ...(forked ? [{ href: `/policies/${forked.slug}`, title: forked.name }] : []),
        ]}
      />
      <h1>{forked ? `Fork of ${forked.name}` : "New policy"}</h1>
      <p className="lede">
        One line is enough. A momentum policy never changes the weights, so a recorded run scores yours exactly, as you
        type.
      </p>
      {typeof fork === "string" && !forked && (
        <p className="problem mt-3" role="alert">
          There is no readable policy {JSON.stringify(fork.slice(0, 64))} to fork. Begin from a template, or choose one
          among <Link href="/policies">the policies</Link>.
        </p>
      )}
      <noscript>
        <p className="problem mt-4">
          The playground computes in this page. Allow scripts for this site, then reload; or send a document to POST
          /api/v1/policies.
        </p>
      </noscript>
      <Playground
        key={forked?.slug ?? ""}
        fork={forked && { slug: forked.slug, name: forked.name, document: parsePolicy(forked.document) }}
        trajectories={trajectories}
        begin={begin}
        userName={user?.name ?? null}
        providers={signInProviders()}
      />
    </>
  );
}
