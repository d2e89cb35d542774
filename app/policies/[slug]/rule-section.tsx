/** A policy's rule, typeset and in words, and its source. */
import Link from "next/link";
import { Equation } from "@/app/_components/momentum/equation";
import { EstimatorTip, estimatorGuide } from "@/app/_components/momentum/estimators";
import { Rule } from "@/app/_components/momentum/rule";
import { Fact, Facts } from "@/app/_components/tables/facts";
import { date } from "@/app/_components/text/format";
import type { MomentumPolicy } from "@/lib/dmbn/policy";
import { estimatorsOf } from "@/lib/dmbn/policy";
import type { Benchmark } from "@/lib/leaderboard";
import { underOtherEstimators } from "@/lib/leaderboard";
import type { PolicyDetail } from "@/lib/server/policies/read";
import { runShape } from "@/lib/training";
import { TypesetRule } from "../typeset-rule";
import { describeRule } from "./describe-rule";

export function RuleSection({
  details,
  policy,
  reference,
}: {
  details: PolicyDetail;
  policy: MomentumPolicy;
  reference: Benchmark;
}) {
  const run = runShape(reference.recipe);
  const estimators =
    policy.kind === "recalibrate" ? [] : policy.kind === "select" ? estimatorsOf(policy) : [policy.variance];
  const others = underOtherEstimators(policy);
  return (
    <section aria-labelledby="rule">
      <h2 id="rule">The rule</h2>
      <div className="mt-2">
        {details.builtIn ? (
          <>
            <Equation words={spoken(policy, details.rule)}>
              {policy.kind === "schedule" && (
                <>
                  <var>β</var>
                  <sub>
                    <var>t</var>
                  </sub>{" "}
                  ={" "}
                </>
              )}
              <Rule>{details.rule}</Rule>
            </Equation>
            <p className="note mt-1">
              <var>t</var> step from 1, <var>e</var> epoch from 0, <var>B</var> batch size, <var>S</var> steps of the
              run. β weighs the old average.
            </p>
          </>
        ) : (
          <TypesetRule policy={policy} />
        )}
      </div>
      <div className="mt-4">
        <Facts>
          <Fact name="In words">{describeRule(policy, run, reference.title)}</Fact>
          {policy.kind !== "recalibrate" && (
            <Fact name="Variance">
              <strong className="font-semibold">{estimators.join(", ")}</strong>
              <EstimatorTip /> {estimators.length > 1 ? "Each is tried." : estimatorGuide[policy.variance]}
            </Fact>
          )}
          {others.length > 0 && (
            <Fact name="The same with">
              {others.map(({ variance, slug, name }) => (
                <span key={slug} className="block">
                  the {variance} variance: <Link href={`/policies/${slug}`}>{name}</Link>
                </span>
              ))}
            </Fact>
          )}
          {details.source && (
            <Fact name="Source">
              {details.source.url ? <a href={details.source.url}>{details.source.title}</a> : details.source.title}
            </Fact>
          )}
          {details.aliases.length > 0 && (
            <Fact name="Also known as">{details.aliases.map(({ name }) => name).join(", ")}</Fact>
          )}
          {details.author && (
            <Fact name="By">
              <Link href={`/u/${encodeURIComponent(details.author)}`}>{details.author}</Link>, {date(details.createdAt)}
            </Fact>
          )}
          {details.forkOf && (
            <Fact name="Fork of">
              <Link href={`/policies/${details.forkOf.slug}`}>{details.forkOf.name}</Link>
            </Fact>
          )}
          {details.forks.length > 0 && (
            <Fact name="Forks">
              {details.forks.map((fork) => (
                <span key={fork.slug} className="block">
                  <Link href={`/policies/${fork.slug}`}>{fork.name}</Link>
                </span>
              ))}
            </Fact>
          )}
        </Facts>
      </div>
    </section>
  );
}
/** The rule in words, for screen readers. */
const spoken = (policy: MomentumPolicy, rule: string): string =>
  policy.kind === "schedule" ? `beta at step t is ${policy.momentum}` : rule;
