/** The study of our own policy, as it was registered before its runs: what holds, what doesn't, and on what evidence. */
import type { Metadata } from "next";
import Link from "next/link";
import { Crumbs } from "@/app/_components/text/crumbs";
import { plural } from "@/app/_components/text/format";
import { PolicyCode } from "@/app/_components/text/policy-code";
import { Section } from "@/app/_components/text/section";
import { builtInPolicies } from "@/lib/dmbn/policy";
import { publishedStudy, studyAddress } from "@/lib/server/study";
import { Provenance } from "../provenance";
import { Beside } from "./beside";
import { Hypotheses } from "./hypotheses";

export const metadata: Metadata = {
  title: "Our own policy: small-batch recalibration",
  description:
    "A closed form without labels for networks trained on batches of 4: registered before its runs, 20 fresh seeds on " +
    "nine boards, wins, ties, losses and what stays open.",
};

const slug = "small-batch-recalibration";
const policy = builtInPolicies.find((known) => known.slug === slug)!.document;

export default async function OurPolicyPage() {
  const study = await publishedStudy("our-policy");
  const { regimes } = study.summary;
  const registered = study.registered ?? [];
  const registration = `${studyAddress("our-policy")}/preregistration.md`;
  return (
    <>
      <Crumbs path={[{ href: "/study", title: "The study" }]} />
      <h1>Our own policy</h1>
      <p className="lede">
        <Link href={`/policies/${slug}`}>Small-batch recalibration</Link> measures the statistics after training and
        corrects them for what a batch of few values did to the layers: a formula, without labels and without search. We
        wrote down what we expect <a href={registration}>before the runs</a>; the commit of that file drew their seeds.{" "}
        {plural(regimes.length, "board")}, two variants, {plural(regimes[0]!.seeds.length, "seed")} each.
      </p>
      <Hypotheses registered={registered} regimes={regimes} />
      <Beside registered={registered} regimes={regimes} />
      <Section id="rule" title="The rule" prose>
        <p>
          In training a layer divides by the deviation s of the B values that a channel has in a batch. For normal
          values E[1/s] is a/σ with a = √(B/2) Γ((B−1)/2) / Γ(B/2): 1.25 at B = 4, 1.01 at B = 64. So every batch norm
          but the last divides by a·σ, and its mean moves until the rectified output has the mean that it had; the last
          one divides by j·σ, j = √(2/B) Γ((B−1)/2) / Γ((B−2)/2): .63 at B = 4, .98 at B = 64.
        </p>
      </Section>
      <Section id="code" title="Code to copy">
        <PolicyCode policy={policy} />
      </Section>
      <Section id="made" title="How it was made">
        <Provenance study={study} suite="our-policy" />
      </Section>
    </>
  );
}
