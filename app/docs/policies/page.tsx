/**
 * The policy language: three kinds of document, the names that an expression can use (from the table that completion
 * reads), limits and examples.
 */
import type { Metadata } from "next";
import Link from "next/link";
import { policyFragment } from "@/app/_components/momentum/policy-fragment";
import type { Column } from "@/app/_components/tables/data-table";
import { DataTable } from "@/app/_components/tables/data-table";
import { Fact, Facts } from "@/app/_components/tables/facts";
import { Crumbs } from "@/app/_components/text/crumbs";
import { Section } from "@/app/_components/text/section";
import { defaultCandidates, vocabulary } from "@/lib/dmbn/policy";
import { absent } from "./absent";
import { examples } from "./examples";

export const metadata: Metadata = {
  title: "The policy language",
  description:
    "Write a momentum policy in one line: variables, functions, the three kinds of document, limits and errors.",
};

type Word = (typeof vocabulary)[number];

const columns: Column<Word>[] = [
  { key: "signature", head: "Word", cell: ({ signature }) => <code>{signature}</code> },
  { key: "meaning", head: "meaning", cell: ({ meaning }) => <span className="sentence">{meaning}</span> },
  { key: "kind", head: "kind", wide: true, cell: ({ kind }) => kind },
];

export default function PolicyLanguagePage() {
  return (
    <>
      <Crumbs path={[{ href: "/docs", title: "Documentation" }]} />
      <h1>The policy language</h1>
      <p className="lede">
        A policy is a JSON document; its heart is one expression for β. The <Link href="/policies/new">playground</Link>{" "}
        completes it, draws it and scores it while you type.
      </p>
      <Section id="kinds" title="Three kinds">
        <Facts>
          <Fact name={<code>schedule</code>}>
            β at each step: <code>momentum</code>, and <code>varianceMomentum</code> where the variance has its own;{" "}
            <code>initial</code> mean and variance (0 and 1), <code>debias</code>, <code>variance</code>:{" "}
            <code>unbiased</code> (PyTorch, TensorFlow&rsquo;s fused layers), <code>biased</code> (Keras 3, Flax,
            TensorFlow.js) or <code>total</code> (biased, with the part between batches)
          </Fact>
          <Fact name={<code>select</code>}>
            β chosen after the run, <code>by</code> the least <code>estimation-shift</code>: <code>candidates</code>{" "}
            (without: {defaultCandidates.length} from 0 to the cumulative average), <code>granularity</code>{" "}
            <code>layer</code> or <code>channel</code>, <code>order</code> <code>sequential</code> or{" "}
            <code>independent</code>, <code>parameters</code> <code>joint</code> or <code>separate</code>,{" "}
            <code>every</code> so many epochs; <code>variance</code> as above, or <code>estimators</code>, several of
            them, each tried with each β. By <code>loss</code> or <code>accuracy</code> it uses the labels of the
            calibration split: layer after layer, later layers measured behind what is tried, or one candidate for the{" "}
            <code>network</code>. With <code>by: &quot;drift&quot;</code> β is computed instead: 1 − ∛(4ρ²/s²)
          </Fact>
          <Fact name={<code>recalibrate</code>}>
            nothing is averaged; statistics are measured after training, layer after layer in inference mode, on{" "}
            <code>samples</code> calibration examples or all. With <code>batches</code> (<code>size</code>,{" "}
            <code>count</code>) they are measured in training mode, where each batch normalizes by its own, as
            torch&rsquo;s <code>update_bn</code> and fvcore&rsquo;s PreciseBN do; <code>variance</code> is the{" "}
            <code>mean</code> of the batches&rsquo; or <code>pooled</code>. <code>correction</code> changes what was
            measured: <code>by: &quot;constants&quot;</code> moves the mean by <code>shift</code> deviations and
            multiplies the deviation by <code>scale</code>; <code>by: &quot;loss&quot;</code> tries <code>shifts</code>{" "}
            and <code>scales</code> layer after layer and uses labels; <code>by: &quot;small-batch&quot;</code> is our
            closed form for networks trained on small batches
          </Fact>
        </Facts>
        <p className="note mt-3">
          Whatever its spelling, a document has one canonical form, and its SHA-256 is the policy&rsquo;s identity:{" "}
          <code>.90</code> and <code>0.9</code> are the same policy. Submitting one that exists leads to it.
        </p>
      </Section>
      <Section
        id="words"
        title="Words of an expression"
        note={
          <>
            Numbers are doubles. Operators: <code>+ - * / % ^</code>, comparisons (1 for true, 0 for false),{" "}
            <code>&amp;&amp; || !</code>, and <code>condition ? a : b</code>.
          </>
        }
      >
        <DataTable
          caption="Variables, constants and functions of an expression"
          columns={columns}
          rows={vocabulary}
          rowKey={({ name }) => name}
        />
      </Section>
      <Section id="examples" title="Examples">
        <dl className="facts">
          {examples.map(([title, document]) => (
            <div key={title}>
              <dt>
                <Link href={`/policies/new${policyFragment(JSON.stringify(document, null, 2))}`} prefetch={false}>
                  {title}
                </Link>
              </dt>
              <dd>
                <code className="break-all">{JSON.stringify(document)}</code>
              </dd>
            </div>
          ))}
        </dl>
      </Section>
      <Section
        id="absent"
        title="What the gallery lacks, and why"
        note="A policy changes no weight and fixes its statistics before the first test example, so that no prediction depends on other test inputs."
      >
        <Facts>
          {absent.map(({ name, source, why }) => (
            <Fact key={name} name={name}>
              {why} {source && <a href={source.url}>{source.title}</a>}
            </Fact>
          ))}
        </Facts>
      </Section>
      <Section id="limits" title="What is refused" prose>
        <p>
          At most 512 characters, 128 operations and a depth of 32. β must be finite and within [0, 1] in every layer at
          every step of the run it is scored on; what misses the range by rounding, at most 10⁻¹⁰, counts as 0 or 1.
          This is checked before anything is computed, and the first step and layer that leave the range are named with
          the value. There is no way to reach beyond the words above: an expression is parsed against a list of what it
          may contain and compiled to plain functions, never evaluated as code. Powers, exp, log, sin, cos and tanh are
          computed by the site&apos;s own functions, so β has the same bits in every browser, on the server and in the
          command.
        </p>
      </Section>
    </>
  );
}
