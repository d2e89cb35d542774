/** Methods of one board side by side. */
import { ButtonLink } from "@/app/_components/controls/controls";
import { CopyButton } from "@/app/_components/controls/copy-button";
import { Crumbs } from "@/app/_components/text/crumbs";
import { JsonLink } from "@/app/_components/text/json-link";
import { Section } from "@/app/_components/text/section";
import { parsePolicy } from "@/lib/dmbn/policy";
import type { BoardEntry, CompareView } from "@/lib/leaderboard";
import { apiHref, compareHref, mostCompared } from "@/lib/leaderboard";
import type { MethodComparison } from "@/lib/server/boards/compare";
import { runShape } from "@/lib/training";
import { AddMethod } from "./add-method";
import { ClassesTable } from "./classes-table";
import { ComparedList, nameIn } from "./compared";
import { describePair, describePairs } from "./describe-pairs";
import { MemoryCurves, PointsChart } from "./methods-charts";
import { comparedMethods, heading } from "./methods-names";
import { McNemarSection, PairsSection } from "./methods-pairs";
import { FiguresTable, LayersTable } from "./methods-tables";
import { methodSettings } from "./settings";
import { SettingsTable } from "./settings-table";

interface MethodsProps {
  view: CompareView;
  comparison: MethodComparison;
  /** Other methods of the board that could be added, best first. */
  others: readonly BoardEntry[];
  /** Absolute URL of this view, for sharing. */
  address: string;
}

export function Methods({ view, comparison, others, address }: MethodsProps) {
  const { benchmark, division, methods, pairs, tieMargin } = comparison;
  const compared = comparedMethods(methods);
  const closed = division === "closed";
  const unit = closed ? (["run", "runs"] as const) : (["shared seed", "shared seeds"] as const);
  const wording = { nameOf: (method: string) => nameIn(compared, method), unit, tieMargin };
  const run = runShape(benchmark.recipe);
  const boardHref = `/leaderboard/${benchmark.slug}${closed ? "" : "?division=open"}`;
  return (
    <>
      <Crumbs
        path={[
          { href: "/leaderboard", title: "Leaderboard" },
          { href: boardHref, title: benchmark.title },
        ]}
      />
      <h1>{heading(compared)}</h1>
      {pairs.length > 0 && (
        <p className="lede" role="status">
          {pairs.length === 1 ? describePair(pairs[0]!, wording) : describePairs(pairs)}
        </p>
      )}
      <ComparedList
        compared={compared}
        without={(key) => compareHref(view, { methods: view.methods.filter((method) => method !== key) })}
      />
      <div className="mt-3 flex flex-wrap items-end gap-3">
        {compared.length < mostCompared && others.length > 0 && (
          <AddMethod view={view} others={others} chosen={compared} />
        )}
        <ButtonLink href={boardHref}>Choose on the board</ButtonLink>
        {pairs.length > 0 && <CopyButton text={address}>Copy link</CopyButton>}
      </div>
      {pairs.length > 0 && (
        <>
          <PairsSection comparison={comparison} compared={compared} wording={wording} />
          <Section id="figures" title="All figures">
            <FiguresTable methods={methods} compared={compared} run={run} />
          </Section>
          <Section id="runs" title={`Every ${closed ? "run" : "seed"}`} gap={0}>
            <PointsChart methods={methods} compared={compared} run={run} closed={closed} />
          </Section>
          <Section id="settings" title="What differs">
            <SettingsTable
              view={view}
              compared={compared}
              settings={methods.map(({ entry, document }) => methodSettings(entry, parsePolicy(document)))}
            />
          </Section>
          <MemoryCurves methods={methods} compared={compared} run={run} title={benchmark.title} />
          <Section
            id="layers"
            title="Layer by layer"
            note={
              <>
                What each batch-norm layer keeps of the old average, and how far its statistics lie from the true ones
                (‖μ̂ − μ‖ + ‖σ̂ − σ‖): mean over runs.
              </>
            }
          >
            <LayersTable methods={methods} compared={compared} recipe={benchmark.recipe} />
          </Section>
          <Section id="classes" title="Class by class">
            <ClassesTable
              view={view}
              compared={compared}
              classes={methods.map(({ classes }) => classes)}
              caption={`Each class of ${benchmark.title} against the rest, mean over ${unit[1]}`}
            />
            <p className="note mt-2">
              Mean over {unit[1]}; differences are paired, ± half the 95 % interval. Ten classes are ten looks: one
              interval that leaves out 0 is no finding yet.
            </p>
          </Section>
          <McNemarSection comparison={comparison} compared={compared} />
        </>
      )}
      <JsonLink href={apiHref(view)} />
    </>
  );
}
