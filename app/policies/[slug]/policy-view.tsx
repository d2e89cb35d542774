/** A policy's page, from its document and its standings. */
import { ButtonLink } from "@/app/_components/controls/controls";
import { CopyButton } from "@/app/_components/controls/copy-button";
import { FlagLink } from "@/app/_components/controls/flag-link";
import { Crumbs } from "@/app/_components/text/crumbs";
import { PolicyCode } from "@/app/_components/text/policy-code";
import { Section } from "@/app/_components/text/section";
import { WithCode } from "@/app/_components/text/with-code";
import { parsePolicy } from "@/lib/dmbn/policy";
import type { Benchmark } from "@/lib/leaderboard";
import type { LayerChoices as ChoicesOfBoard } from "@/lib/server/boards/choices";
import type { PolicyDetail } from "@/lib/server/policies/read";
import { LayerChoices } from "./layer-choices";
import { MemorySection } from "./memory-section";
import { RuleSection } from "./rule-section";
import { Standings } from "./standings";

interface PolicyViewProps {
  details: PolicyDetail;
  choices: readonly ChoicesOfBoard[];
  /** The benchmark that curves are drawn for. */
  reference: Benchmark;
  /** A BibTeX entry. */
  citation: string;
  /** The HTML that shows the policy within another page. */
  embed: string;
}

export function PolicyView({ details, choices, reference, citation, embed }: PolicyViewProps) {
  const policy = parsePolicy(details.document);
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
      <p className="lede">
        <WithCode>{details.description}</WithCode>
      </p>
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
        <div className="mt-2 flex flex-wrap gap-2">
          <CopyButton text={citation}>Copy BibTeX</CopyButton>
          <CopyButton text={embed}>Copy embed</CopyButton>
        </div>
        <p className="note mt-1">The embed is HTML that shows this policy and its standings within another page.</p>
      </Section>
    </>
  );
}
