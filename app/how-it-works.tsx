/** The idea in three columns: the rule, why one run scores every policy, what makes a result trustworthy. */
import Link from "next/link";
import { RunningMeanEquation } from "@/app/_components/momentum/equation";

export function HowItWorks({ policies }: { policies: number }) {
  return (
    <section className="section grid gap-5 md:grid-cols-3" aria-label="How it works">
      <div>
        <h2>The rule</h2>
        <RunningMeanEquation />
        <p className="mt-1 text-ink-2">
          β weighs the old average, as in Keras; PyTorch calls 1 − β its momentum.{" "}
          <strong className="font-semibold text-ink">DMBN</strong> chooses β for each layer by the least estimation
          shift, in <Link href="/docs/method#readings">two readings</Link>: over the unbiased variance and over the
          biased one.
        </p>
      </div>
      <div>
        <h2>One run scores them all</h2>
        <p className="mt-2 text-ink-2">
          Training reads batch statistics only, so no momentum changes a single weight. One run therefore scores every
          policy exactly, on identical weights: all of <Link href="/policies">the {policies} published policies</Link>.
          Comparisons are paired by construction.
        </p>
      </div>
      <div>
        <h2>Published with what proves it</h2>
        <p className="mt-2 text-ink-2">
          You publish the prediction for every test example; the server derives all figures from them and its own
          labels, and <Link href="/docs/method#audits">trains runs again</Link> to compare every one. Rows say what was
          checked, and carry the interval over seeds.
        </p>
      </div>
    </section>
  );
}
