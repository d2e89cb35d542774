/** A policy's page: its rule, its source, its memory, and its scores on every board. */
import type { Metadata } from "next";
import { headers } from "next/headers";
import { notFound, permanentRedirect } from "next/navigation";
import { cache } from "react";
import { ButtonLink } from "@/app/_components/controls/controls";
import { CopyButton } from "@/app/_components/controls/copy-button";
import { FlagLink } from "@/app/_components/controls/flag-link";
import { Crumbs } from "@/app/_components/text/crumbs";
import { Section } from "@/app/_components/text/section";
import { parsePolicy } from "@/lib/dmbn/policy";
import { benchmarks, bibtex, citedPolicy } from "@/lib/leaderboard";
import { layerChoices } from "@/lib/server/boards/choices";
import { policy as findPolicy } from "@/lib/server/policies/read";
import { siteOrigin } from "@/lib/server/site-origin";
import { PolicyCode } from "../policy-code";
import { LayerChoices } from "./layer-choices";
import { MemorySection } from "./memory-section";
import { RuleSection } from "./rule-section";
import { Standings } from "./standings";

export const dynamic = "force-dynamic";

const read = cache(async (slug: string) => findPolicy(slug));

export async function generateMetadata({ params }: PageProps<"/policies/[slug]">): Promise<Metadata> {
  const details = await read((await params).slug);
  return details ? { title: details.name, description: details.description } : { title: "Not found" };
}

/** The default benchmark for curves. */
const DEFAULT_REFERENCE = "fashion-mnist-mlp";

export default async function PolicyPage({ params, searchParams }: PageProps<"/policies/[slug]">) {
  const { slug } = await params;
  const details = await read(slug);
  if (!details) notFound();
  if (details.slug !== slug) permanentRedirect(`/policies/${details.slug}`);
  const policy = parsePolicy(details.document);
  const { on: wanted } = await searchParams;
  const reference =
    benchmarks.find(({ slug }) => slug === wanted) ?? benchmarks.find(({ slug }) => slug === DEFAULT_REFERENCE)!;
  const [choices, requestHeaders] = await Promise.all([layerChoices(details.slug), headers()]);
  const citation = bibtex(citedPolicy(details), siteOrigin(requestHeaders));
  return (
    <>
      <Crumbs path={[{ href: "/policies", title: "Policies" }]} />
      <div className="flex flex-wrap items-start justify-between gap-3">
        <h1>{details.name}</h1>
        <div className="flex items-center gap-3">
          <FlagLink subject="policy" id={details.slug} />
          <ButtonLink href={`/policies/new?fork=${encodeURIComponent(details.slug)}`} kind="primary" prefetch={false}>
            Fork
          </ButtonLink>
        </div>
      </div>
      <p className="lede">{details.description}</p>
      <div className="section grid gap-6 md:grid-cols-2">
        <RuleSection details={details} policy={policy} reference={reference} />
        <MemorySection details={details} policy={policy} reference={reference} />
      </div>
      <Standings details={details} policy={policy} reference={reference} />
      <LayerChoices choices={choices} details={details} policy={policy} />
      <Section id="code" title="Use it">
        <PolicyCode policy={policy} />
      </Section>
      <Section
        id="document"
        title="The document"
        note={<>Policies are data. The SHA-256 of the canonical document is the policy’s identity.</>}
        gap={2}
      >
        <pre tabIndex={0} aria-label="Policy document">
          {JSON.stringify(policy, null, 2)}
        </pre>
        <p className="note mt-1">
          SHA-256 <code className="break-all">{details.hash}</code>
        </p>
      </Section>
      <Section id="cite" title="Cite it">
        <pre tabIndex={0} aria-label="BibTeX entry">
          {citation}
        </pre>
        <div className="mt-2">
          <CopyButton text={citation}>Copy BibTeX</CopyButton>
        </div>
      </Section>
    </>
  );
}
