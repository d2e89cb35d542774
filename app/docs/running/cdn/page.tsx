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
    request: "board as JSON, as CSV, as a frame for other sites, badge",
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
          most 65 seconds behind. Browsers ask again each time, with the ETag. The key is the address: no header and no
          cookie changes these answers. Set <code>NEXTAUTH_URL</code>, so that a forged <code>Host</code> header
          can&rsquo;t put another address into an answer.
        </p>
        <Commands label="nginx as a caching proxy">
          {`proxy_cache_path /var/cache/nginx keys_zone=site:10m max_size=1g;
server {
  listen 80;
  server_name bench.example;
  client_max_body_size 10m;
  location / {
    proxy_pass http://127.0.0.1:3000;
    proxy_set_header Host $host;
    proxy_set_header X-Forwarded-Host $http_host;
    proxy_set_header X-Forwarded-Proto $scheme;
    proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
    proxy_cache site;
    proxy_cache_background_update on;
    proxy_cache_lock on;
  }
}`}
        </Commands>
        <p>
          Each proxy that adds to <code>X-Forwarded-For</code> counts for <code>DMBENCH_PROXIES</code>: a CDN in front
          of a balancer makes two. Some CDNs cache no JSON unless a rule of yours says so.
        </p>
        <p>
          Measured on two cores that also made the requests, 27 addresses of five boards of 70 methods: a thousand
          requests a second for 30 seconds, 94 % answered from the cache and 6 % while it was fetched again, 95 % within
          21 ms; the site itself used 2 % of a core. Without the cache the same cores answered 550 a second.
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
          Estimated from the sizes of today&rsquo;s rows, untested. One PostgreSQL server holds that; before then,
          partition <code>run_score</code> by benchmark, since every board reads one benchmark. Curves and matrices stay
          in rows: a page reads them with its run, and moving them to the bucket would save a fifth. See{" "}
          <Link href="/docs/running#postgresql">PostgreSQL</Link>.
        </p>
      </Section>
    </>
  );
}
