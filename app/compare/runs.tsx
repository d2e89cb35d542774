/** Published runs side by side. */
import Link from "next/link";
import { CopyButton } from "@/app/_components/controls/copy-button";
import { Empty } from "@/app/_components/controls/notices";
import { Crumbs } from "@/app/_components/text/crumbs";
import { plural } from "@/app/_components/text/format";
import { JsonLink } from "@/app/_components/text/json-link";
import { Section } from "@/app/_components/text/section";
import { datasetInfo } from "@/lib/datasets/registry";
import type { CompareView } from "@/lib/leaderboard";
import { apiHref, compareHref, mostCompared } from "@/lib/leaderboard";
import type { RunComparison } from "@/lib/server/runs/compare";
import type { RunSummary } from "@/lib/server/runs/read";
import { ClassesTable } from "./classes-table";
import { ComparedList, nameIn } from "./compared";
import { McNemarTable } from "./mcnemar-table";
import { Curves } from "./runs-curves";
import { AddRun, ChoosePolicy } from "./runs-forms";
import { comparedRuns, describeRunPair } from "./runs-names";
import { FiguresTable, LayersTable } from "./runs-tables";
import { runSettings } from "./settings";
import { SettingsTable } from "./settings-table";

interface RunsProps {
  view: CompareView;
  comparison: RunComparison;
  /** Other runs of the same benchmark, newest first. */
  others: readonly RunSummary[];
  address: string;
}

export function Runs({ view, comparison, others, address }: RunsProps) {
  const { runs, policies, policy, pairs } = comparison;
  const compared = comparedRuns(runs);
  const [first] = runs;
  const boardHref = first?.benchmark ? `/leaderboard/${first.benchmark.slug}?division=open` : "/leaderboard";
  const title = first?.benchmark?.title ?? datasetInfo(first!.dataset).name;
  return (
    <>
      <Crumbs
        path={[
          { href: "/leaderboard", title: "Leaderboard" },
          ...(first?.benchmark ? [{ href: boardHref, title }] : []),
        ]}
      />
      <h1>
        {runs.length === 1
          ? `Compare a run of ${title} with …`
          : `${plural(runs.length, "run")} of ` +
            `${new Set(runs.map(({ dataset }) => dataset)).size > 1 ? "several data sets" : title}`}
      </h1>
      {runs.length > 1 && (
        <p className="lede" role="status">
          {policy ? `Under ${policy.name}. ` : "They have no policy in common: each is shown under its best. "}
          {pairs.length === 1 && describeRunPair(pairs[0]!, (id) => nameIn(compared, id))}
        </p>
      )}
      <ComparedList
        compared={compared}
        without={(key) => compareHref(view, { runs: view.runs.filter((id) => id !== key) })}
      />
      <div className="mt-3 flex flex-wrap items-end gap-3">
        {policies.length > 1 && runs.length > 1 && <ChoosePolicy view={view} policies={policies} policy={policy} />}
        {compared.length < mostCompared && others.length > 0 && (
          <AddRun view={view} others={others} only={runs.length === 1} />
        )}
        {runs.length > 1 && <CopyButton text={address}>Copy link</CopyButton>}
      </div>
      {runs.length === 1 && others.length === 0 && (
        <div className="mt-4">
          <Empty title="There is no other run of this benchmark yet">
            Two runs can be compared by their address as well: /compare?runs=ID,ID.
          </Empty>
        </div>
      )}
      {runs.length > 1 && (
        <>
          <Section id="figures" title="All figures">
            <FiguresTable runs={runs} compared={compared} />
            <p className="note mt-2">
              One run each, so no interval over seeds: what another seed would give is not known from these.{" "}
              <Link href={boardHref}>The board</Link> compares methods over seeds.
            </p>
          </Section>
          {pairs.some(({ mcnemar }) => mcnemar.length > 0) && (
            <Section
              id="mcnemar"
              title="Example by example"
              note={
                <>
                  McNemar’s exact test on the shared test split: of the examples that just one of the two gets right,
                  are both equally often the right one?
                </>
              }
            >
              <McNemarTable
                pairs={pairs}
                compared={compared}
                seedHead="test split"
                describeSeed={(split) => split.split("@")[0]!}
              />
            </Section>
          )}
          <Section id="settings" title="What differs">
            <SettingsTable view={view} compared={compared} settings={runs.map(runSettings)} />
          </Section>
          <Curves runs={runs} compared={compared} />
          <Section
            id="layers"
            title="Layer by layer"
            note={
              <>
                What each batch-norm layer keeps of the old average, and how far its statistics lie from the true ones
                (‖μ̂ − μ‖ + ‖σ̂ − σ‖). Measured by the browsers that trained.
              </>
            }
          >
            <LayersTable runs={runs} compared={compared} />
          </Section>
          {new Set(runs.map(({ dataset }) => dataset)).size === 1 && (
            <Section id="classes" title="Class by class">
              <ClassesTable
                view={view}
                compared={compared}
                classes={runs.map(({ classes }) => classes)}
                caption={`Each class of ${title} against the rest`}
              />
            </Section>
          )}
        </>
      )}
      <JsonLink href={apiHref(view)} />
    </>
  );
}
