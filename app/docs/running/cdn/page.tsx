/** What a CDN may keep of a site, what requests cost, and how large its tables become. */
import type { Metadata } from "next";
import Link from "next/link";
import { DataTable } from "@/app/_components/tables/data-table";
import { Crumbs } from "@/app/_components/text/crumbs";
import { Section } from "@/app/_components/text/section";
import { Commands } from "../commands";

export const metadata: Metadata = {
  title: "CDN and cost",
  description:
    "What a CDN may cache of a DMBench site, processor time of each kind of request, and sizes of its tables.",
};

interface Cost {
  request: string;
  cached: string;
  /** Of a processor, measured with a standalone server on PostgreSQL. */
  milliseconds: string;
}

const costs: readonly Cost[] = [
  {
    request: "board as JSON, as CSV, badge",
    cached: "5 s, and a minute more while it is fetched again",
    milliseconds: "5",
  },
  { request: "picture of a board, a run, a policy", cached: "as a board", milliseconds: "65" },
  {
    request: "page of a board",
    cached: "never: each has a nonce of its own, against injected scripts",
    milliseconds: "50",
  },
  {
    request: "scripts, styles, recorded runs",
    cached: "for ever: their names change with them",
    milliseconds: "below 8",
  },
];

interface Table {
  rows: string;
  one: string;
  all: string;
}

const tables: readonly Table[] = [
  { rows: "runs, with manifest and curves", one: "16 kB", all: "160 GB" },
  { rows: "scores of methods on them, 36 each", one: "2 kB", all: "720 GB" },
  { rows: "predictions, in the bucket", one: "16 to 360 kB", all: "0.2 to 3.6 TB" },
];

export default function CdnPage() {
  return (
    <>
      <Crumbs
        path={[
          { href: "/docs", title: "Documentation" },
          { href: "/docs/running", title: "Running a site" },
        ]}
      />
      <h1>CDN and cost</h1>
      <p className="lede">
        One machine answers some 500 boards a second by itself. With a cache in front, a thousand a second cost it next
        to nothing.
      </p>

      <Section id="cached" title="What is cached" gap={0}>
        <DataTable
          caption="Kinds of requests, how long a CDN may keep the answer, and what one costs"
          columns={[
            { key: "request", head: "request", cell: ({ request }) => request },
            {
              key: "cached",
              head: "a CDN may keep it",
              cell: ({ cached }) => <span className="block min-w-40 whitespace-normal">{cached}</span>,
            },
            { key: "cost", head: "ms of a processor", align: "end", cell: ({ milliseconds }) => milliseconds },
          ]}
          rows={costs}
          rowKey={({ request }) => request}
        />
      </Section>

      <Section id="proxy" title="A caching proxy" prose>
        <p>
          Boards come with <code>s-maxage=5, stale-while-revalidate=60</code>, so a board that a CDN answers with is at
          most a minute behind. Browsers ask again each time, with the ETag. The key is the address: no header and no
          cookie changes these answers. Set <code>NEXTAUTH_URL</code>, so that none can name another site.
        </p>
        <Commands label="nginx as a caching proxy">
          {`proxy_cache_path /var/cache/nginx keys_zone=site:10m max_size=1g;
location / {
  proxy_pass http://127.0.0.1:3000;
  proxy_cache site;
  proxy_cache_use_stale updating error timeout;
  proxy_cache_background_update on;
  proxy_cache_lock on;
}`}
        </Commands>
        <p>
          Measured with that on two cores, with 27 addresses of five boards of 70 methods: a thousand requests a second
          for 30 seconds, 94 % answered from the cache and 6 % while it was fetched again, 95 % within 21 ms, and the
          site itself used 2 % of a core. Without the cache it answered 550 a second on the same machine, and a thousand
          would take five cores.
        </p>
      </Section>

      <Section id="tables" title="Ten million runs" gap={0}>
        <DataTable
          caption="Sizes of tables at ten million runs"
          columns={[
            { key: "rows", head: "what", cell: ({ rows }) => rows },
            { key: "one", head: "one", align: "end", cell: ({ one }) => one },
            { key: "all", head: "ten million runs", align: "end", cell: ({ all }) => all },
          ]}
          rows={tables}
          rowKey={({ rows }) => rows}
        />
        <p className="mt-3 note">
          Reckoned from the sizes of today&rsquo;s rows, not tried. One PostgreSQL server holds that; partition{" "}
          <code>run_score</code> by benchmark before, since every board reads one benchmark. Curves and matrices stay in
          rows: a page reads them with its run, and moving them to the bucket would save a fifth of it. See{" "}
          <Link href="/docs/running#postgresql">PostgreSQL</Link>.
        </p>
      </Section>
    </>
  );
}
