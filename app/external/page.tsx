/** Networks that people trained with code of their own, newest first: on no board. */
import type { Metadata } from "next";
import Link from "next/link";
import { z } from "zod";
import { ButtonLink, SegmentLinks } from "@/app/_components/controls/controls";
import { Empty } from "@/app/_components/controls/notices";
import type { Column } from "@/app/_components/tables/data-table";
import { DataTable } from "@/app/_components/tables/data-table";
import { ExternalFigure, ExternalPolicy, taskName } from "@/app/_components/tables/external-method";
import { count, date } from "@/app/_components/text/format";
import { JsonLink } from "@/app/_components/text/json-link";
import { bestExternal, ownTrainingCode, urlState } from "@/lib/leaderboard";
import { otherDataset, textSchema } from "@/lib/records";
import type { PublishedExternal } from "@/lib/server/external/read";
import { externalDatasets, recentExternal } from "@/lib/server/external/read";

export const metadata: Metadata = {
  title: "Networks of your own",
  description:
    "Momentum policies scored on networks that people trained with code of their own: architecture, data, batch, the " +
    "best method. Not repeated by the server, and on no board.",
};

export const dynamic = "force-dynamic";

const take = 50;

const view = urlState(z.object({ dataset: textSchema({ max: 64 }).optional(), after: z.uuid().optional() }));

export default async function ExternalPage({ searchParams }: PageProps<"/external">) {
  const { dataset, after } = view.read(await searchParams);
  const [records, datasets] = await Promise.all([recentExternal({ take, dataset, after }), externalDatasets()]);
  const last = records.length === take ? records.at(-1)!.id : undefined;
  return (
    <>
      <h1>Networks of your own</h1>
      <p className="lede">
        Trained by people with code of their own, and scored with <Link href="/docs/python#your-network">dmbn.py</Link>.
        The server can&rsquo;t repeat the training, so none of them is on a board.
      </p>
      {datasets.length > 1 && (
        <div className="mt-4">
          <SegmentLinks
            label="Data set"
            options={[undefined, ...datasets].map((slug) => ({
              href: view.href("/external", { dataset: slug }),
              label:
                slug === undefined
                  ? "All data"
                  : slug === otherDataset
                    ? "Other data"
                    : taskName({ dataset: slug, name: null }),
              current: slug === dataset,
            }))}
          />
        </div>
      )}
      <div className="mt-4">
        {records.length > 0 ? (
          <DataTable
            caption="Networks trained with own code, newest first"
            columns={columns}
            rows={records}
            rowKey={({ id }) => id}
          />
        ) : datasets.length > 0 ? (
          <Empty title="Nothing here" actions={<ButtonLink href="/external">Show all</ButtonLink>} />
        ) : (
          <Nothing />
        )}
      </div>
      {last && (
        <p className="mt-3">
          <Link href={view.href("/external", { dataset, after: last })}>Older ones</Link>
        </p>
      )}
      {datasets.length > 0 && (
        <p className="note mt-3">
          Bring yours: <Link href="/docs/python#publish">record, save, submit</Link>.
        </p>
      )}
      <JsonLink href={`/api/v1/external${dataset === undefined ? "" : `?${new URLSearchParams({ dataset })}`}`} />
    </>
  );
}

const Nothing = () => (
  <Empty
    title="Nobody has brought a network yet"
    actions={<ButtonLink href="/docs/python#your-network">How to record one</ButtonLink>}
  >
    <p>
      With <a href="/python/dmbn.py">dmbn.py</a> beside your training script, three commands get there:
    </p>
    <pre tabIndex={0} aria-label="Commands" className="mt-2">
      python3 train.py{"  "}# ends with table.save("my-network", …){"\n"}
      npm run -s dmbench -- login{"\n"}
      npm run -s dmbench -- submit external my-network
    </pre>
  </Empty>
);

const columns: readonly Column<PublishedExternal>[] = [
  {
    key: "network",
    head: "Network",
    cell: ({ id, network }) => (
      <>
        <Link href={`/external/${id}`}>{network.name}</Link>
        <br />
        <span className="margin font-normal">{ownTrainingCode}</span>
      </>
    ),
  },
  { key: "data", head: "data", cell: ({ task }) => taskName(task) },
  { key: "batch", head: "batch", align: "end", cell: ({ training }) => count(training.batchSize) },
  { key: "steps", head: "steps", align: "end", cell: ({ training }) => count(training.steps) },
  { key: "best", head: "best method", cell: ({ methods }) => <ExternalPolicy {...bestExternal(methods)} /> },
  {
    key: "figure",
    head: "its figure",
    cell: ({ methods, metric }) => <ExternalFigure {...bestExternal(methods)} metric={metric} />,
  },
  {
    key: "user",
    head: "by whom",
    cell: ({ user }) =>
      user ? <Link href={`/u/${user}`}>{user}</Link> : <span className="missing">deleted account</span>,
  },
  {
    key: "date",
    head: "published",
    cell: ({ createdAt }) => <time dateTime={createdAt.toISOString()}>{date(createdAt)}</time>,
  },
];
