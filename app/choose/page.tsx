/** Which momentum to use: the answer of the measured map at a batch and a number of steps, and how sure it is. */
import type { Metadata } from "next";
import { headers } from "next/headers";
import Link from "next/link";
import { CopyButton } from "@/app/_components/controls/copy-button";
import { Empty } from "@/app/_components/controls/notices";
import { HowMade } from "@/app/_components/tables/how-made";
import { CodeExamples } from "@/app/_components/text/code-examples";
import { count } from "@/app/_components/text/format";
import { Section } from "@/app/_components/text/section";
import { chooseHref, readChooseView } from "@/lib/leaderboard";
import { ownNetworks } from "@/lib/server/external/read";
import { mapAddress, publishedMap } from "@/lib/server/momentum-map";
import { siteOrigin } from "@/lib/server/site-origin";
import { Additions } from "./additions";
import { Controls, modelTitles } from "./controls";
import { EveryMomentum } from "./every-momentum";
import { frameworks } from "./frameworks";
import { HeatMap, HeatMapLegend } from "./heat-map";
import { lookUp, rising } from "./look-up";
import { Method } from "./method";
import { DotLegend, dotsAt, OwnNetworks } from "./own-networks";
import { advised, safeBand, staticsOf } from "./safe-band";
import { bandInWords, confidenceInWords, defaultInWords, originInWords, silenceInWords } from "./words";
import "./choose.css";

export const metadata: Metadata = {
  title: "Which momentum?",
  description:
    "Which batch-norm momentum to use at a batch size and a number of steps: what every β costs, measured on MLPs and a " +
    "CNN, the safe band, and the lines for PyTorch, Keras, Flax and tf.layers.",
};

export default async function ChoosePage({ searchParams }: PageProps<"/choose">) {
  const view = readChooseView(await searchParams);
  const [map, networks] = await Promise.all([publishedMap(), ownNetworks()]);
  const heading = <h1>Which momentum should batch norm use?</h1>;
  if (!map)
    return (
      <>
        {heading}
        <div className="mt-4">
          <Empty title="There is no map yet">
            Whoever runs this site makes one with <code>npm run -s dmbench -- map</code>. Until then{" "}
            <Link href="/study">the study</Link> says what matters where.
          </Empty>
        </div>
      </>
    );

  const framework = frameworks[view.framework];
  const places = map.places.filter(({ dataset, model }) => dataset === view.dataset && model === view.model);
  const find = (at: { batch: number; steps: number }) => lookUp(places, at, framework.variance);
  const found = find(view);
  const statics = found.kind === "answer" ? staticsOf(found.scores) : [];
  const band = statics.length > 0 ? safeBand(statics) : null;
  const silence = found.kind === "answer" ? null : silenceInWords(view, found);
  const momenta = rising(
    map.places.flatMap(({ estimators }) =>
      estimators.slice(0, 1).flatMap(({ scores }) => staticsOf(scores).map(({ momentum }) => momentum)),
    ),
  );
  const rows = (name: "batch" | "steps", measured: readonly number[]) =>
    rising([...measured, view[name]]).map((value) => ({
      key: value,
      href: chooseHref(view, { [name]: value }),
      current: value === view[name],
      found: find({ ...view, [name]: value }),
    }));

  return (
    <>
      {heading}
      <p className="lede">
        It depends on the batch and on how long you train. Both were measured, with every other thing the same.
      </p>
      <div className="mt-4">
        <Controls view={view} map={map} />
      </div>
      <div className="mt-4" aria-live="polite">
        {found.kind === "answer" && band ? (
          <div className="answer">
            <p>{bandInWords(view, framework, statics, band)}</p>
            <p className="note mt-1">
              {[defaultInWords(framework, statics, band), confidenceInWords(band), originInWords(found)].join(" ")}
            </p>
          </div>
        ) : (
          silence && <Empty title={silence.title}>{silence.remedy}</Empty>
        )}
        <p className="mt-3 flex flex-wrap gap-2">
          <CopyButton text={`${siteOrigin(await headers())}${chooseHref(view)}`}>Copy link to this answer</CopyButton>
          <a className="button" href={`${mapAddress}/map.csv`} download>
            All data as CSV
          </a>
        </p>
      </div>
      <Section
        id="map"
        title="What each β costs"
        note={
          <>
            β is the share of the old average that each step keeps
            {view.framework === "pytorch" && "; PyTorch’s is 1 − β"}. Points of accuracy behind the best β of a row,{" "}
            {modelTitles[view.model]}, {framework.variance} variance, as {framework.name} averages it.
          </>
        }
        aside={
          <div className="grid gap-2">
            <HeatMapLegend />
            {networks.length > 0 && <DotLegend />}
          </div>
        }
        gap={4}
      >
        <div className="heat-maps">
          <HeatMap
            title={`By batch, after ${count(view.steps)} steps`}
            what="batch"
            momenta={momenta}
            rows={rows("batch", map.batchSizes)}
            dots={(batch, momentum) => dotsAt(networks, batch, momentum)}
          />
          <HeatMap
            title={`By steps, at batch ${count(view.batch)}`}
            what="steps"
            momenta={momenta}
            rows={rows("steps", map.steps)}
          />
        </div>
      </Section>
      {found.kind === "answer" && band && (
        <>
          <Section
            id="code"
            title="Lines to copy"
            note="Of each library its own default where that is safe under the variance that it averages, else the middle of the safe band."
          >
            <CodeExamples
              key={view.framework}
              open={framework.name}
              examples={Object.values(frameworks).flatMap((library) => {
                const own = lookUp(places, view, library.variance);
                if (own.kind !== "answer") return [];
                const { momentum } = advised(safeBand(staticsOf(own.scores)), library.momentum);
                return [{ library: library.name, ...library.code(momentum) }];
              })}
            />
          </Section>
          <Additions view={view} found={found} />
          <EveryMomentum view={view} framework={framework} statics={statics} band={band} />
        </>
      )}
      {networks.length > 0 && <OwnNetworks networks={networks} batch={view.batch} />}
      <Method map={map} />
      <Section id="made" title="How it was made">
        <HowMade
          record={map}
          seeds={map.seeds}
          files={
            <>
              <a href={`${mapAddress}/map.csv`} download>
                map.csv
              </a>{" "}
              (a line for each cell, estimator and policy), <a href={`${mapAddress}/map.json`}>map.json</a>
            </>
          }
        />
      </Section>
    </>
  );
}
