/** One policy: its rule, where it comes from, the curve of its memory, and what it scored where. */

import type { Metadata } from "next";
import Form from "next/form";
import { headers } from "next/headers";
import Link from "next/link";
import { notFound, permanentRedirect } from "next/navigation";
import { cache } from "react";
import { Button, ButtonLink, Select } from "@/app/_components/controls/controls";
import { CopyButton } from "@/app/_components/controls/copy-button";
import { FlagLink } from "@/app/_components/controls/flag-link";
import { Empty } from "@/app/_components/controls/notices";
import { Equation } from "@/app/_components/momentum/equation";
import { LayerCurves } from "@/app/_components/momentum/layer-curves";
import { memoryClass } from "@/app/_components/momentum/memory";
import { MomentaOverRuns } from "@/app/_components/momentum/momenta-over-runs";
import { MomentumChip } from "@/app/_components/momentum/momentum";
import { policyCurve, policyMark } from "@/app/_components/momentum/policy-mark";
import { Rule } from "@/app/_components/momentum/rule";
import type { Column } from "@/app/_components/tables/data-table";
import { DataTable } from "@/app/_components/tables/data-table";
import { Fact, Facts } from "@/app/_components/tables/facts";
import { metricColumns } from "@/app/_components/tables/metric-columns";
import { TierTip, tierLabel } from "@/app/_components/tables/tier-label";
import { Crumbs } from "@/app/_components/text/crumbs";
import { count, date, significant } from "@/app/_components/text/format";
import { Section } from "@/app/_components/text/section";
import { variantLabels } from "@/app/_components/text/variant";
import type { MomentumPolicy, RunShape } from "@/lib/dmbn/policy";
import { describeMomentum, isPeriodic, parsePolicy } from "@/lib/dmbn/policy";
import { benchmarks, bibtex, citedPolicy } from "@/lib/leaderboard";
import type { LayerChoices } from "@/lib/server/boards/choices";
import { layerChoices } from "@/lib/server/boards/choices";
import type { Standing } from "@/lib/server/boards/entries";
import { env } from "@/lib/server/env";
import { policy as findPolicy } from "@/lib/server/policies/read";
import { siteOrigin } from "@/lib/server/site-origin";
import { runLayers, runShape } from "@/lib/training";
import { PolicyCode } from "../policy-code";
import { TypesetRule } from "../typeset-rule";
import { ScoringProgress } from "./scoring-progress";

export const dynamic = "force-dynamic";

const read = cache(async (slug: string) => findPolicy(slug));

export async function generateMetadata({ params }: PageProps<"/policies/[slug]">): Promise<Metadata> {
  const found = await read((await params).slug);
  return found ? { title: found.name, description: found.description } : { title: "Not found" };
}

/** The benchmark that curves are drawn for where the address names none. */
const usual = "fashion-mnist-mlp";

export default async function PolicyPage({ params, searchParams }: PageProps<"/policies/[slug]">) {
  const { slug } = await params;
  const found = await read(slug);
  if (!found) notFound();
  if (found.slug !== slug) permanentRedirect(`/policies/${found.slug}`);
  const policy = parsePolicy(found.document);
  const { on } = await searchParams;
  const reference = benchmarks.find(({ slug }) => slug === on) ?? benchmarks.find(({ slug }) => slug === usual)!;
  const run = runShape(reference.recipe);
  const [chosen, asked] = await Promise.all([layerChoices(found.slug), headers()]);
  const citation = bibtex(citedPolicy(found), siteOrigin(asked, env().NEXTAUTH_URL));
  return (
    <>
      <Crumbs path={[{ href: "/policies", title: "Policies" }]} />
      <div className="flex flex-wrap items-start justify-between gap-3">
        <h1>{found.name}</h1>
        <div className="flex items-center gap-3">
          <FlagLink subject="policy" id={found.slug} />
          <ButtonLink href={`/policies/new?fork=${encodeURIComponent(found.slug)}`} kind="primary" prefetch={false}>
            Fork
          </ButtonLink>
        </div>
      </div>
      <p className="lede">{found.description}</p>
      <div className="section grid gap-6 md:grid-cols-2">
        <section aria-labelledby="rule">
          <h2 id="rule">The rule</h2>
          <div className="mt-2">
            {found.builtIn ? (
              <>
                <Equation words={spoken(policy, found.rule)}>
                  {policy.kind === "schedule" && (
                    <>
                      <var>β</var>
                      <sub>
                        <var>t</var>
                      </sub>{" "}
                      ={" "}
                    </>
                  )}
                  <Rule>{found.rule}</Rule>
                </Equation>
                <p className="note mt-1">
                  <var>t</var> step from 1, <var>e</var> epoch from 0, <var>B</var> batch size, <var>S</var> steps of
                  the run. β weighs the old average.
                </p>
              </>
            ) : (
              <TypesetRule policy={policy} />
            )}
          </div>
          <div className="mt-4">
            <Facts>
              <Fact name="In words">{words(policy, run, reference.title)}</Fact>
              {found.source && (
                <Fact name="Source">
                  {found.source.url ? <a href={found.source.url}>{found.source.title}</a> : found.source.title}
                </Fact>
              )}
              {found.aliases.length > 0 && (
                <Fact name="Also known as">{found.aliases.map(({ name }) => name).join(", ")}</Fact>
              )}
              {found.author && (
                <Fact name="By">
                  <Link href={`/u/${encodeURIComponent(found.author)}`}>{found.author}</Link>, {date(found.createdAt)}
                </Fact>
              )}
              {found.forkOf && (
                <Fact name="Fork of">
                  <Link href={`/policies/${found.forkOf.slug}`}>{found.forkOf.name}</Link>
                </Fact>
              )}
              {found.forks.length > 0 && (
                <Fact name="Forks">
                  {found.forks.map((fork) => (
                    <Link key={fork.slug} href={`/policies/${fork.slug}`}>
                      {fork.name}
                    </Link>
                  ))}
                </Fact>
              )}
            </Facts>
          </div>
        </section>
        <section aria-labelledby="curve">
          <h2 id="curve">
            {policy.kind === "schedule"
              ? "Its memory over a run"
              : policy.kind === "recalibrate"
                ? "Nothing is averaged"
                : policy.by === "drift"
                  ? "What it goes by"
                  : "What it chooses from"}
          </h2>
          {policy.kind === "schedule" ? (
            <>
              <Form
                action={`/policies/${found.slug}`}
                scroll={false}
                className="mt-2 mb-2 flex flex-wrap items-end gap-2"
              >
                <Select label="Drawn for" name="on" defaultValue={reference.slug} key={reference.slug}>
                  {benchmarks.map(({ slug, title }) => (
                    <option key={slug} value={slug}>
                      {title}
                    </option>
                  ))}
                </Select>
                <Button type="submit">Draw</Button>
              </Form>
              <p className="note mb-2">
                Window 1/(1 − β) in batches, log axis, over the {count(run.steps)} steps of {reference.title}.
              </p>
              <LayerCurves
                policy={policy}
                run={run}
                layers={runLayers(reference.recipe).map(({ name }) => name)}
                name={found.name}
              />
            </>
          ) : (
            <Candidates policy={policy} run={run} />
          )}
        </section>
      </div>
      <Section id="standings" title="What it scored, and where" gap={0}>
        <div className="mt-3">
          <ScoringProgress scoring={found.scoring} />
          {found.standings.length > 0 ? (
            <DataTable
              caption={`Where ${found.name} stands on each board: mean ± half the 95 % interval over seeds`}
              columns={standingColumns(found.standings, policy, run)}
              rows={found.standings.map(measured)}
              rowKey={({ benchmark, entry }) =>
                `${benchmark.slug}@${benchmark.version}/${entry.division}/${entry.variant}`
              }
            />
          ) : (
            <Empty
              title="Nobody has published a run that scored it yet"
              actions={
                <ButtonLink href="/train" kind="primary">
                  Train now
                </ButtonLink>
              }
            >
              Tick it before you train: scoring one more policy costs a run next to nothing.{" "}
              {isPeriodic(policy)
                ? "It reads the weights of every period’s end, which no recording keeps, so the boards of the server’s own runs leave it out."
                : "On the boards of the server’s own runs it appears once they are recorded."}
            </Empty>
          )}
        </div>
      </Section>
      {chosen.length > 0 && policy.kind !== "recalibrate" && (
        <Section
          id="chosen"
          title={
            policy.kind === "schedule"
              ? "Its shift, layer by layer"
              : policy.by === "drift"
                ? "What it came to, layer by layer"
                : "What it chose, layer by layer"
          }
          gap={0}
        >
          <p className="note">Over the runs that scored it; beside a momentum, in how many. Layers in forward order.</p>
          <div className="mt-3">
            <Choices chosen={chosen} name={found.name} />
          </div>
        </Section>
      )}
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
          SHA-256 <code className="break-all">{found.hash}</code>
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

function Candidates({ policy, run }: { policy: MomentumPolicy; run: RunShape }) {
  if (policy.kind !== "select") {
    return (
      <p className="mt-2 text-ink-2">
        Nothing is averaged while training. After the run the statistics are measured on the calibration split, so their
        shift is 0 by construction.
      </p>
    );
  }
  if (policy.by === "drift")
    return <p className="mt-2 text-ink-2">{driftWords} Neither calibration nor test data are looked at.</p>;
  return (
    <>
      <p className="mt-2 text-ink-2">
        {policy.every === null
          ? "After the run"
          : policy.every === 1
            ? "At the end of every epoch"
            : `Every ${policy.every} epochs`}
        , each {policy.granularity} takes the candidate with the least estimation shift on the calibration split,{" "}
        {policy.order === "sequential"
          ? "layer after layer: each is measured behind the choices before it"
          : "every layer measured behind expected statistics"}
        . {policy.every !== null && "What is chosen is where the next period’s averages start. "}Test data are never
        looked at.
      </p>
      <ul className="mt-3 flex flex-wrap gap-x-4 gap-y-1 text-table" aria-label="Candidates, from short to long memory">
        {policy.candidates.map((candidate) => (
          <li key={candidate}>
            <MomentumChip {...policyMark({ ...constantLike, momentum: candidate }, run)} />
          </li>
        ))}
      </ul>
    </>
  );
}

const driftWords =
  "No candidates: over the last quarter of the run’s steps, a line through each layer’s batch statistics gives their drift ρ a step and the variance s² of single batches around it. The layer then averages the whole run with the β at which lag and scatter together are least, so there is one β a layer and no curve to draw before a run is there.";

const constantLike = parsePolicy({ kind: "schedule", momentum: 0 }) as Extract<MomentumPolicy, { kind: "schedule" }>;

function words(policy: MomentumPolicy, run: RunShape, title: string): string {
  if (policy.kind === "select")
    return policy.by === "drift"
      ? "The momentum is computed from the run, not set."
      : "The momentum is chosen, not set.";
  if (policy.kind === "recalibrate") return "No momentum: statistics are measured after training.";
  const { memory, label } = policyMark(policy, run);
  if (memory === "cumulative")
    return "Keeps 1 − 1/t of the old average, so that every batch counts the same (PyTorch None).";
  if (typeof memory === "number" && String(memory) === policy.momentum) return `${sentence(describeMomentum(memory))}.`;
  const curve = policyCurve(policy, run);
  const throughout = new Set(curve?.values).size === 1 && typeof memory === "number";
  if (throughout) return `In a run as short as ${title} it never moves: ${describeMomentum(memory)}.`;
  return `From the first step to the last of ${title} it goes from keeping ${label.replace(" to ", " of the old average to keeping ")}.`;
}

const sentence = (text: string): string => text[0]!.toUpperCase() + text.slice(1);

function spoken(policy: MomentumPolicy, rule: string): string {
  return policy.kind === "schedule" ? `beta at step t is ${policy.momentum}` : rule;
}

type Row = Standing & Pick<Standing["entry"], "accuracy" | "sensitivity" | "specificity" | "fScore" | "esm">;

const measured = (standing: Standing): Row => ({ ...standing, ...standing.entry });

function standingColumns(standings: readonly Standing[], policy: MomentumPolicy, run: RunShape): Column<Row>[] {
  const memory = memoryClass(policyMark(policy, run).memory);
  return [
    {
      key: "benchmark",
      head: "Board",
      cell: ({ benchmark, entry }) => (
        <>
          <Link href={`/leaderboard/${benchmark.slug}`}>{benchmark.title}</Link>
          <span className="folded">
            {" "}
            {variantLabels[entry.variant]}, {entry.division}
          </span>
        </>
      ),
    },
    { key: "division", head: "division", wide: true, cell: ({ entry }) => entry.division },
    { key: "variant", head: "variant", wide: true, cell: ({ entry }) => variantLabels[entry.variant] },
    ...metricColumns<Row>(standings.map(measured), () => memory),
    {
      key: "rank",
      head: "rank",
      align: "end",
      cell: ({ entry: { band }, place, of }) =>
        band ? (
          <>
            {band.first === band.last ? band.first : `${band.first}–${band.last}`}
            <span className="margin"> of {of}</span>
          </>
        ) : (
          <span className="margin">
            {place} of {of} by mean
          </span>
        ),
    },
    { key: "n", head: "seeds", align: "end", cell: ({ entry }) => entry.n },
    {
      key: "compare",
      head: "against another",
      cell: ({ benchmark, entry }) => (
        <Link
          href={`/compare?benchmark=${benchmark.slug}&methods=${entry.method}${entry.division === "open" ? "&division=open" : ""}`}
          aria-label={`Compare on ${benchmark.title}, ${variantLabels[entry.variant]}, ${entry.division}`}
        >
          compare with …
        </Link>
      ),
    },
    {
      key: "tier",
      head: "tier",
      cell: ({ entry }) => <span className="wraps">{tierLabel(entry.tier)}</span>,
      tip: <TierTip />,
    },
  ];
}

/** A row for each layer of each board: what its runs were given or chose. */
function Choices({ chosen, name }: { chosen: readonly LayerChoices[]; name: string }) {
  const rows = chosen.flatMap(({ benchmark, variant, division, layers }) =>
    layers.map((layer, index) => ({
      ...layer,
      index,
      board: `${benchmark.title}, ${variantLabels[variant]}, ${division}`,
      shape: runShape(benchmark.recipe, variant),
    })),
  );
  type Layer = (typeof rows)[number];
  const columns: Column<Layer>[] = [
    {
      key: "layer",
      head: "Layer",
      cell: ({ name, board }) => (
        <>
          {name}
          <span className="folded"> {board}</span>
        </>
      ),
    },
    {
      key: "board",
      head: "board",
      wide: true,
      cell: ({ index, board }) => (index === 0 ? board : <span className="sr-only">{board}</span>),
    },
    {
      key: "momenta",
      head: "keeps of the old",
      cell: ({ momenta, shape, index }) => <MomentaOverRuns momenta={momenta} shape={shape} layer={index} />,
    },
    ...(rows.some(({ edges }) => edges > 0)
      ? [
          {
            key: "edges",
            head: "at the edge of the grid",
            align: "end",
            cell: ({ edges, momenta }) => `${edges} of ${momenta.length}`,
          } satisfies Column<Layer>,
        ]
      : []),
    { key: "shift", head: "estimation shift", align: "end", cell: ({ shift }) => significant(shift) },
  ];
  return (
    <DataTable
      caption={`Momentum and estimation shift of each layer under ${name}`}
      columns={columns}
      rows={rows}
      rowKey={({ board, index }) => `${board}/${index}`}
    />
  );
}
