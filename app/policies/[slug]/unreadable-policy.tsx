/** The page of a policy whose document can no longer be read: its name, the reason, and the document as stored. */
import { Crumbs } from "@/app/_components/text/crumbs";
import { RanksNowhere } from "@/app/_components/text/ranks-nowhere";
import { Section } from "@/app/_components/text/section";
import type { PolicyDetail } from "@/lib/server/policies/read";

export function UnreadablePolicy({ details: { name, description, document, issues } }: { details: PolicyDetail }) {
  return (
    <>
      <Crumbs path={[{ href: "/policies", title: "Policies" }]} />
      <h1>{name}</h1>
      <p className="lede">{description}</p>
      <RanksNowhere
        title="This policy ranks nowhere: it was published under earlier rules, and can no longer be read."
        issues={issues}
      />
      <Section id="document" title="The document" gap={2}>
        <pre tabIndex={0} aria-label="Policy document">
          {JSON.stringify(document, null, 2)}
        </pre>
      </Section>
    </>
  );
}
