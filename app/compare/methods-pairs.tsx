/** Whether a board can separate the methods: pair by pair, then example by example. */
import { percent } from "@/app/_components/text/format";
import { Section } from "@/app/_components/text/section";
import type { MethodComparison } from "@/lib/server/boards/compare";
import type { Compared } from "./compared";
import type { Wording } from "./describe-pairs";
import { describePair } from "./describe-pairs";
import { McNemarTable } from "./mcnemar-table";
import { PairsTable } from "./pairs-table";

export function PairsSection({
  comparison,
  compared,
  wording,
}: {
  comparison: MethodComparison;
  compared: readonly Compared[];
  wording: Wording;
}) {
  const { benchmark, pairs, tieMargin } = comparison;
  return (
    <Section id="apart" title={`Can ${benchmark.title} separate them?`} gap={0}>
      {pairs.length > 1 && (
        <ul className="mt-2 grid gap-1">
          {pairs.map((pair) => (
            <li key={`${pair.a} ${pair.b}`}>{describePair(pair, wording)}</li>
          ))}
        </ul>
      )}
      <div className="mt-3">
        <PairsTable pairs={pairs} compared={compared} tieMargin={tieMargin} unit={wording.unit[1]} />
      </div>
      <p className="note mt-2">
        Differences are paired: the same weights, the same test images under each policy of a variant. Intervals are the
        board&rsquo;s: for other seeds and other test images, and for all pairs of the board at once, so that asking
        about few of them changes nothing. The grey band is ±{percent(tieMargin)} points, within which a difference
        counts as none. &ldquo;Would tell&rdquo;: {wording.unit[1]} in all that would tell a difference this large.
      </p>
    </Section>
  );
}

export function McNemarSection({
  comparison: { pairs, division },
  compared,
}: {
  comparison: MethodComparison;
  compared: readonly Compared[];
}) {
  if (pairs.every(({ mcnemar }) => mcnemar.length === 0)) return null;
  const describeSeed = (seed: string) => (division === "closed" ? `run ${seed}` : `seed ${seed}`);
  const table = <McNemarTable pairs={pairs} compared={compared} seedHead="run" describeSeed={describeSeed} />;
  return (
    <Section
      id="mcnemar"
      title="Example by example"
      note={
        <>
          McNemar’s exact test on each run: of the test examples that just one of the two gets right, are both equally
          often the right one? It speaks of that run’s weights alone.
        </>
      }
    >
      {pairs.length === 1 ? (
        table
      ) : (
        <details className="more">
          <summary>Every pair on every run</summary>
          {table}
        </details>
      )}
    </Section>
  );
}
