/** The public table: medians of what was measured, by class of device and network, in the order of the URL. */
import { ButtonLink, SegmentLinks } from "@/app/_components/controls/controls";
import { Empty } from "@/app/_components/controls/notices";
import { Tip } from "@/app/_components/controls/tip";
import type { Column } from "@/app/_components/tables/data-table";
import { DataTable, Missing } from "@/app/_components/tables/data-table";
import { count, significant } from "@/app/_components/text/format";
import { Section } from "@/app/_components/text/section";
import type { ClassSpeed, SpeedsSort, SpeedsView } from "@/lib/leaderboard";
import {
  deviceName,
  firstSpeedsDirection,
  measuredBackendTitles,
  networkTitles,
  orderSpeeds,
  speedKey,
  speedsApiHref,
  speedsHref,
} from "@/lib/leaderboard";
import { measuredBackends, measuredNetworks } from "@/lib/records";

/** Rows before "Show all". */
const FIRST_ROWS = 60;

export function Speeds({ view, speeds }: { view: SpeedsView; speeds: readonly ClassSpeed[] }) {
  const rows = orderSpeeds(speeds, view);
  const shown = view.rows === "all" ? rows : rows.slice(0, FIRST_ROWS);
  return (
    <Section
      id="table"
      title="How fast devices train"
      note={
        <>
          Medians over published measurements, by class of device: on WebGPU the adapter, else browser, system, cores
          and threads, since a browser doesn&rsquo;t name the processor. n counts measurements, which may be several of
          one machine.
        </>
      }
    >
      <Controls view={view} />
      {rows.length > 0 ? (
        <DataTable
          caption="Images per second by class of device and network"
          columns={columns}
          rows={shown}
          rowKey={speedKey}
          ordered
          section={({ network }) => networkTitles[network]}
          sorting={{
            sort: { key: view.sort, direction: view.direction ?? firstSpeedsDirection(view.sort) },
            href: (sort) => {
              const key = (sort?.key ?? "median") as SpeedsSort;
              const isFirst = !sort || sort.direction === firstSpeedsDirection(key);
              return speedsHref(view, { sort: key, direction: isFirst ? undefined : sort.direction });
            },
          }}
        />
      ) : speeds.length > 0 ? (
        <Empty
          title="Nothing was published for this choice yet"
          actions={<ButtonLink href={speedsHref(view, { network: [], backend: [] })}>Show all</ButtonLink>}
        />
      ) : (
        <Empty title="No measurement is published yet">Measure this machine above, and publish the first one.</Empty>
      )}
      <p className="mt-3 flex flex-wrap items-center gap-3">
        {rows.length > FIRST_ROWS && (
          <ButtonLink href={speedsHref(view, { rows: view.rows === "all" ? "first" : "all" })} scroll={false}>
            {view.rows === "all" ? `Show the first ${FIRST_ROWS}` : `Show all ${rows.length}`}
          </ButtonLink>
        )}
        <a href={speedsApiHref(view, "csv")} download>
          CSV
        </a>
        <a href={speedsApiHref(view)}>JSON</a>
        <a href="/api/v1/measurements">Every measurement</a>
      </p>
    </Section>
  );
}

function Controls({ view }: { view: SpeedsView }) {
  const is = (chosen: readonly string[], value: string) => chosen.length === 1 && chosen[0] === value;
  return (
    <div className="board-bar mb-3">
      <SegmentLinks
        label="Network"
        options={[
          { href: speedsHref(view, { network: [] }), label: "Every network", current: view.network.length === 0 },
          ...measuredNetworks.map((network) => ({
            href: speedsHref(view, { network: [network] }),
            label: shortTitles[network],
            current: is(view.network, network),
          })),
        ]}
      />
      <SegmentLinks
        label="Backend"
        options={[
          { href: speedsHref(view, { backend: [] }), label: "Every backend", current: view.backend.length === 0 },
          ...measuredBackends.map((backend) => ({
            href: speedsHref(view, { backend: [backend] }),
            label: measuredBackendTitles[backend],
            current: is(view.backend, backend),
          })),
        ]}
      />
    </div>
  );
}

const shortTitles = { mlp: "MLP", cnn: "CNN", "resnet-50": "ResNet-50" } as const;

const rate = (imagesPerSecond: number): string =>
  imagesPerSecond < 100 ? significant(imagesPerSecond) : count(Math.round(imagesPerSecond));

const columns: readonly Column<ClassSpeed>[] = [
  { key: "device", head: "device", first: "ascending", value: () => null, cell: deviceName },
  { key: "backend", head: "backend", cell: ({ backend }) => measuredBackendTitles[backend] },
  {
    key: "median",
    head: "median",
    group: "images/s: more is better",
    align: "end",
    first: "descending",
    value: () => null,
    cell: ({ median }) => rate(median),
  },
  {
    key: "spread",
    head: "middle half",
    group: "images/s: more is better",
    align: "end",
    tip: (
      <Tip about="the middle half">
        <p>First to third quartile of the measurements&rsquo; medians.</p>
      </Tip>
    ),
    cell: ({ low, high }) =>
      low === null || high === null ? <Missing why="a single measurement" /> : `${rate(low)} to ${rate(high)}`,
  },
  { key: "n", head: "n", align: "end", first: "descending", value: () => null, cell: ({ n }) => count(n) },
  { key: "version", head: "DMBench", align: "end", wide: true, cell: ({ version }) => version },
];
