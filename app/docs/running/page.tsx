/**
 * Running a site: ways to run it, settings, proxies, sign-in, background work, held-out runs, maintainers, a bucket, backup,
 * dumps, mirrors, upgrade, moving to PostgreSQL, lost passwords.
 */
import type { Metadata } from "next";
import Link from "next/link";
import { Fact, Facts } from "@/app/_components/tables/facts";
import { Crumbs } from "@/app/_components/text/crumbs";
import { Section } from "@/app/_components/text/section";
import { Commands } from "./commands";
import { settings } from "./settings";

export const metadata: Metadata = {
  title: "Running a site",
  description:
    "Settings, proxies, sign-in, maintainers, bucket, backup, upgrade, PostgreSQL and lost passwords of a DMBench site.",
};

export default function RunningPage() {
  return (
    <>
      <Crumbs path={[{ href: "/docs", title: "Documentation" }]} />
      <h1>Running a site</h1>
      <p className="lede">
        <code>npm ci &amp;&amp; npm start</code> is a whole site. This page is for the day it gets visitors.
      </p>

      <Section id="ways" title="Ways to run it" gap={0}>
        <Facts>
          <Fact name="One machine">
            <code>npm start</code>: everything from nothing, with an embedded database and files in a folder
          </Fact>
          <Fact name={<Link href="/docs/running/containers">Containers</Link>}>
            an image for any number of instances on PostgreSQL and a bucket; <code>compose.yaml</code> starts all of it
          </Fact>
          <Fact name={<Link href="/docs/running/functions">Functions</Link>}>
            Vercel or AWS Lambda, with a cron service for background work
          </Fact>
          <Fact name={<Link href="/docs/running/cdn">CDN and cost</Link>}>
            what may be cached, what requests cost, how large tables become
          </Fact>
        </Facts>
      </Section>

      <Section
        id="settings"
        title="Settings"
        note={
          <>
            All are optional with <code>npm start</code>, and read from the environment, <code>.env.local</code> or{" "}
            <code>.env</code>; <code>.env.example</code> lists them. In these files <code>$NAME</code> stands for the
            variable of that name, in quotes too: write <code>\$</code> for a dollar sign. A server that is not started
            by <code>npm start</code> may be one of several, so it has no embedded database and generates no secret:
            without <code>DATABASE_URL</code>, <code>DMBENCH_BUCKET</code> and its keys, <code>NEXTAUTH_SECRET</code>,{" "}
            <code>CRON_SECRET</code> and <code>DMBENCH_PROXIES</code> it lists every missing or invalid setting and
            exits.
          </>
        }
      >
        <Facts>
          {settings.map(({ names, meaning }) => (
            <Fact
              key={names[0]}
              name={names.map((name) => (
                <code key={name} className="block">
                  {name}
                </code>
              ))}
            >
              {meaning}
            </Fact>
          ))}
        </Facts>
      </Section>

      <Section id="proxies" title="Address and proxies" prose>
        <p>
          Links in citations, pictures, <Link href="/docs/api">the API&rsquo;s description</Link> and sign-in name the
          site&rsquo;s own address. Set <code>NEXTAUTH_URL</code> to it, and nothing in a request can change it.
        </p>
        <p>
          Without that setting it is what the visitor asked for: the <code>Host</code> header, or what proxies forward
          as <code>X-Forwarded-Host</code>, <code>-Proto</code> and <code>-Port</code>, or as <code>Forwarded</code>{" "}
          (RFC 7239). Those are believed if <code>DMBENCH_PROXIES</code> counts the proxies, or if the connection comes
          from this machine or a private network; from anywhere else they are ignored. If a header holds a list, the
          entry added by your outermost proxy is used. A proxy that ends TLS must send{" "}
          <code>X-Forwarded-Proto: https</code>.
        </p>
        <p>
          <code>DMBENCH_PROXIES</code> also determines which address rate limits apply to. Behind a proxy without it,
          all visitors share the proxy&rsquo;s limits. A function has no connection of its own to look at: with 0 it
          refuses each write, with a line in its log.
        </p>
        <Commands label="A server block of nginx">
          {`location / {
  proxy_pass http://127.0.0.1:3000;
  proxy_set_header Host $host;
  proxy_set_header X-Forwarded-Host $http_host;
  proxy_set_header X-Forwarded-Proto $scheme;
  proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
  client_max_body_size 10m;
}`}
        </Commands>
      </Section>

      <Section id="sign-in" title="Sign-in" prose>
        <p>
          Accounts of the site itself always work. With the three <code>OIDC_</code> settings people can also sign in
          through any OpenID Connect provider: register the site there with the return address{" "}
          <code className="wrap-anywhere">https://bench.example/api/auth/callback/oidc</code> and the scopes{" "}
          <code>openid profile</code>. The first sign-in makes an account, named after the one there; a name that is
          taken gets a number. A sign-in is never matched to an existing account by name, or a provider could hand that
          account to someone else: whoever has one links the provider to it at{" "}
          <Link href="/settings">the settings</Link>.
        </p>
        <p>
          This is tested in a browser against a certified provider. GitHub and Google use the same code path and are
          untested; their return addresses end in <code>/github</code> and <code>/google</code>.
        </p>
      </Section>

      <Section id="recording" title="Recording" prose>
        <p>
          Policies are ranked on runs that the site trains itself, from seeds that it draws and shows to nobody: 50 of
          each board on the digits, 10 to 30 of the others. It begins at its first start, in turn over the boards whose
          data is on the machine, the first ten of each before all others, since ranks need them. A submitted policy
          comes before that, and waits for its scores on the first ten; those on the other runs follow.
        </p>
        <p>
          Each core works on a run of its own, at low priority. While anybody is served, only one does;{" "}
          <code>DMBENCH_RECORD_SHARE=0.5</code> lets it rest half the time. A run that fails (it diverged, its data is
          gone, the disk is full) is tried again, first after 5 seconds and at most an hour later, and the other boards
          go on. A run that diverged gets another seed, and <Link href="/log">the log</Link> says which.{" "}
          <Link href="/status">The status page</Link> says so, how far each board is and how long the rest will take;
          there a maintainer can pause all of it.
        </p>
      </Section>

      <Section id="work" title="Background work" prose>
        <p>
          Scoring, recording and bringing boards up to date are jobs in the database. Any number of processes work on
          them, each leases a job for 20 seconds and renews that while it works, and one that dies leaves its job to the
          others. With <code>npm start</code> nothing has to be set up: the site starts a scoring process for each core.
        </p>
        <p>
          An instance that lives no longer than its requests, such as a function, scores in its own process while it
          answers (<code>DMBENCH_SCORING=inline</code>), for 20 seconds at most. A cron service does the rest: it calls{" "}
          <code>GET /api/v1/work?seconds=50</code> once a minute with <code>CRON_SECRET</code>. Held-out runs, and
          training published runs again, take longer than a function lives: <code>dmbench work</code> does them on any
          machine that reaches the database and the bucket.
        </p>
        <Commands label="Calls of a cron service, and a worker">
          {`curl -H "Authorization: Bearer $CRON_SECRET" https://bench.example/api/v1/work
npm run -s dmbench -- work --kinds recordings,audits,boards`}
        </Commands>
        <p>
          A submitted policy whose scores take longer than 20 seconds is answered with 202, and its page follows them.
          On PostgreSQL, the site&rsquo;s role has time limits in its database, which a start or a release sets unless
          somebody has set others: an idle transaction is ended after 30 seconds, so that a frozen instance blocks
          nobody.
        </p>
      </Section>

      <Section id="held-out" title="Held-out runs" prose>
        <p>
          Over the years, methods overfit a board&rsquo;s runs, by chance and by repeated attempts. To see how much,
          take a snapshot: its first methods are scored on fresh runs, and a document with both ranks is written. To
          begin anew, retire runs: the board goes on without them,{" "}
          <Link href="/docs/method#commitments">anybody can check them</Link>, and others are recorded. Both need the
          database: stop a site with an embedded one first.
        </p>
        <Commands label="Taking a snapshot, and retiring runs">
          {`npm run -s dmbench -- snapshot --benchmark digits-mlp --out digits-mlp-$(date +%F).json
npm run -s dmbench -- retire --benchmark digits-mlp --runs 3,5
npm run -s dmbench -- retire --benchmark digits-mlp --all`}
        </Commands>
        <p>
          Runs that were recorded by a version before commitments have seeds of 32 bits, and their hashes were
          announced. Retire them once; the new ones have seeds of 53 bits.
        </p>
      </Section>

      <Section id="maintainers" title="Maintainers" prose>
        <p>
          Name accounts in <code>DMBENCH_MAINTAINERS</code> and start the site. The start prints a one-time code for
          each name that has not claimed the role: whoever signs in as that account and enters the code at{" "}
          <Link href="/settings">the settings</Link> is a maintainer. The name alone gives nothing. A name that is
          removed from the setting loses the role at the next start.
        </p>
      </Section>

      <Section id="bucket" title="Artifacts in a bucket" prose>
        <p>
          Predictions and recorded runs are files in the data folder. Instances of a site that don&rsquo;t share that
          folder need a bucket instead, of any store that speaks the S3 protocol: S3, R2, Google&rsquo;s with HMAC keys,
          MinIO, Garage, Ceph.
        </p>
        <Commands label="The settings of a bucket">
          {`DMBENCH_BUCKET=https://s3.eu-central-1.amazonaws.com/dmbench
AWS_ACCESS_KEY_ID=…
AWS_SECRET_ACCESS_KEY=…
AWS_REGION=eu-central-1`}
        </Commands>
        <p>
          Keep it private: held-out runs are in it. The keys must be allowed to get and put objects, and to list the
          bucket: without that, a store answers 403 for a missing file. A start stores a small file, reads it back, and
          names the setting if anything is wrong, such as a clock that is minutes off. It then moves what earlier starts
          stored in the data folder into the bucket, and renames that folder.
        </p>
        <p>
          A data set that one instance downloads is put there too, and the others take it from there. Downloads of it,
          of predictions and of public runs are answered with 307 to an address in the bucket that holds for one to two
          hours; held-out runs never get one. For pages to read there, the bucket needs a rule for cross-origin
          requests; a start says if it has none:
        </p>
        <Commands label="A CORS rule">
          {`[{ "AllowedOrigins": ["https://bench.example"], "AllowedMethods": ["GET", "HEAD"] }]`}
        </Commands>
        <p>
          A request that fails with 429 or 5xx, or isn&rsquo;t answered within 15 seconds, is sent again up to four
          times; nothing is stored twice. While the bucket is unreachable, publishing is answered with 503.
        </p>
        <p>
          <b>A file that is gone</b> from the bucket, or has changed, is looked at twice, then named in the log, and its
          run is no longer scored. Each minute it is looked at again, and repaired if it is back. A held-out run whose
          file stays gone for ten minutes is given up, and another one is recorded under a number of its own. Where
          artifacts are in folders and the database is a server, a missing file proves nothing, since another instance
          may have it: nothing is given up then.
        </p>
        <p>
          This is tested against a server that verifies each signature, with all these faults. Nobody has tried it on a
          cloud.
        </p>
      </Section>

      <Section id="backup" title="Backup" prose>
        <Commands label="Backing up and restoring">
          {`npm run -s dmbench -- backup ~/backups/monday
DMBENCH_DATA_DIR=/srv/dmbench npm run -s dmbench -- restore ~/backups/monday`}
        </Commands>
        <p>
          A backup holds every row, every artifact, recorded trajectories and the secret that signs sessions: keep it
          private. It leaves out settings, and data sets, which are downloaded again. On PostgreSQL the site goes on
          running, and the backup is one consistent state. <b>An embedded database must be stopped first</b>, since only
          one process at a time can have it open; the command says so and does nothing otherwise.
        </p>
        <p>
          The folder is written under another name and renamed when it is whole. In it, <code>backup.json</code> lists
          everything with its SHA-256; <code>tables/</code> has one JSON object a row, with each value as PostgreSQL
          writes it; <code>files/</code> are the files as they were. <code>restore</code> compares all of it, refuses a
          site that has anything (<code>--replace</code> removes its rows, and moves its files aside), and takes either
          kind of database, whichever the backup came from. A damaged artifact is reported, and kept as it is.
        </p>
        <p>
          With <code>DMBENCH_BUCKET</code>, a backup reads every artifact that a row names from the bucket, and{" "}
          <code>restore</code> puts them into the bucket that is set then: so a backup also moves a site from one bucket
          to another, or back to a folder. What else is in the bucket stays, with <code>--replace</code> too.
        </p>
      </Section>

      <Section id="dumps" title="Dumps" prose>
        <Commands label="Writing and importing a dump">
          {`npm run -s dmbench -- dump ~/dumps/2026-11-28
DMBENCH_DATA_DIR=/srv/copy npm run -s dmbench -- import ~/dumps/2026-11-28
DMBENCH_DATA_DIR=/srv/copy npm run -s dmbench -- import https://bench.example --replace
DMBENCH_DATA_DIR=/srv/copy DMBENCH_SCORING=none npm start`}
        </Commands>
        <p>
          A dump is what the site publishes, for anybody to have: one Parquet file a table, and{" "}
          <code>manifest.json</code> with each file&rsquo;s rows, bytes and SHA-256, the version of DMBench, the last
          migration and the date. It is written whole or not at all, and never over another. Only what pages and API
          show is in it: boards, runs and their scores, policies, the log, measurements, names of accounts. No address,
          password, token or ticket is, and nothing that is hidden. Of a held-out run it has the number, the commitment
          and each method&rsquo;s figures, and neither seed nor hash. Files (predictions, weights, traces) are not in
          it, but their SHA-256 are. <code>lib/server/dumps/published.ts</code> names every column, as published or as
          withheld; a dump of a database with another column is refused.
        </p>
        <p>
          The manifest also has the root of a Merkle tree over the log (RFC 9162, SHA-256): whoever keeps an old root
          can tell whether an entry of then was changed or removed. A leaf is an entry&rsquo;s <code>action</code>,{" "}
          <code>createdAt</code>, <code>detail</code>, <code>id</code>, <code>subject</code> and <code>subjectId</code>,
          as <code>/api/v1/log</code> has them, in JSON with sorted keys and without spaces; the order is that of the
          ids. Who acted is left out, since a deleted account leaves the log.
        </p>
        <p>
          <code>import</code> fills an empty site of the same version, in one transaction, after it has compared every
          file with its SHA-256 and the log with its root. Open boards come with their runs. Closed boards come as they
          were shown, since nobody can be given the runs that they are made of: without them, such a board has no
          figures of single runs and compares no two methods.{" "}
          <b>
            Serve an imported site with <code>DMBENCH_SCORING=none</code>
          </b>
          , or it records held-out runs of its own, and its Closed boards become another site&rsquo;s. Its accounts have
          names and no passwords: nobody can sign in as one of them.
        </p>
        <p>
          <code>import</code> also takes the address of a dump, or of a site, whose newest dump it is then. It fetches
          the files into a temporary folder (<code>TMPDIR</code>), and what isn&rsquo;t what the manifest says is never
          stored. <code>--replace</code> removes the rows that are there first, in the same transaction.
        </p>
        <p>
          With <code>DMBENCH_DUMPS=nightly</code>, the default on PostgreSQL with a bucket, the site stores a dump each
          day (UTC), as soon as one of its workers or a cron call comes by, in the bucket or in the data folder.{" "}
          <Link href="/docs/api#get-dumps">
            <code>/api/v1/dumps</code>
          </Link>{" "}
          lists them, and <Link href="/status#dumps">the status page</Link> shows the last. One process writes it; if
          that one dies, another begins anew a minute later, and a dump is listed once all of it is stored. Its files
          never change: their names in the bucket, <code>dumps/DATE/SHA256.parquet</code>, say what is in them. It is
          made in memory. An embedded database serves nobody else while it is read, so that there it is off by default.
          Nothing removes old dumps. That of 100,000 generated runs, whose curves are all alike, has 28 MB; real ones
          have more.
        </p>
      </Section>

      <Section id="mirror" title="A mirror" prose>
        <Commands label="Starting a mirror">
          {`DMBENCH_MIRROR_OF=https://bench.example DMBENCH_DATA_DIR=/srv/mirror npm start`}
        </Commands>
        <p>
          A mirror shows another site&rsquo;s newest dump, and a line on every page says whose it is, of when, and where
          to publish. Nothing can be written: every write is answered with 403, nobody can sign in, and nothing is
          scored or recorded. At its start and once an hour it asks the site for a newer dump and replaces all of its
          own rows by it, in one transaction: readers get the old boards or the new ones, never half of both. On
          PostgreSQL rows are written beside the tables first, so that readers wait only while they take the place of
          the old ones; an embedded database serves nobody until all of it is done.
        </p>
        <p>
          A dump that can&rsquo;t be fetched, isn&rsquo;t what its manifest says, or is of another version of DMBench
          changes nothing; the mirror&rsquo;s log says why, and it asks again in an hour. It needs an empty database, or
          one that was a mirror before: one with accounts of its own is left alone. Files (predictions, weights, traces)
          aren&rsquo;t in dumps, so that a mirror has none to download. A mirror is a process that lives on, by{" "}
          <code>npm start</code> or in a container.
        </p>
      </Section>

      <Section id="stop" title="Start, stop, load balancers" prose>
        <p>
          A start that was interrupted at any moment, by any signal, needs no repair: <code>npm start</code> goes on. If
          the database or the disk is unreachable, it says so in one sentence with the setting to look at, and exits
          with 1.
        </p>
        <p>
          On <code>SIGTERM</code> or <code>SIGINT</code> the site stops accepting connections, finishes its requests for
          up to ten seconds, closes the database and exits with 0. A second signal ends it at once.
        </p>
        <p>
          <code>GET /api/v1/ready</code> answers 200 while the site should get requests. While it stops, or its database
          is away or of an earlier version, or its files or the program that scores can&rsquo;t be used, it answers 503
          with a sentence for each. The answer is at most a second old, and no limit refuses the question.{" "}
          <code>GET /api/v1/health</code> answers as long as the process lives, with its version and commit: a liveness
          probe. <code>/api/health</code>, of earlier versions, is <code>/api/v1/ready</code>.
        </p>
        <p>
          Before the database is asked, requests in progress are counted in memory: at most 32 writes of one token or
          session and 64 from one address, and 512 in all; the next one is answered with 429 or 503 and{" "}
          <code>Retry-After</code>. A client has 20 seconds for its headers and two minutes for the whole request. A
          stored file is compared with its SHA-256 whenever the site reads it; a damaged one is answered with 503 and
          named in the site&rsquo;s log.
        </p>
      </Section>

      <Section id="upgrade" title="Upgrade" prose>
        <p>
          Back up, stop the site, install the new version, <code>npm ci &amp;&amp; npm start</code>. The start brings
          the tables up to date.
        </p>
        <p>
          A site of several instances is upgraded while it runs. First <code>npm ci &amp;&amp; npm run release</code> of
          the new version, with the settings of the instances: it migrates, adds new benchmarks and built-in policies,
          imports the runs and results that ship with it, checks stored runs and policies against the new rules, brings
          boards up to date, and prints the codes of maintainers. It may be repeated, interrupted and begun several
          times at once. Then replace the instances; the previous version serves the upgraded database meanwhile, since
          an upgrade removes nothing that it uses.
        </p>
        <p>
          To go back, start the previous version: it serves the upgraded database, and leaves it as it is.{" "}
          <code>npm run release</code> of an earlier version says so, and exits with 1. What is older than the previous
          version needs a backup that it wrote, restored into an empty database. A later version restores it too, and
          upgrades it on the way.
        </p>
      </Section>

      <Section id="postgresql" title="From the embedded database to PostgreSQL" prose>
        <p>Stop the site, copy its rows into an empty database of a server, and start it there:</p>
        <Commands label="Moving">
          {`npm run -s dmbench -- move - < address.txt
npm start   # with DATABASE_URL set to that address`}
        </Commands>
        <p>
          The file holds the server&rsquo;s address, <code>postgresql://dmbench@localhost/dmbench</code> for example.{" "}
          <code>move</code> also takes it as an argument, which everyone on the machine can read while the command runs:
          not if it has a password. Artifacts and the secret stay in the data folder, and the embedded database stays as
          it was.
        </p>
      </Section>

      <Section id="passwords" title="A lost password" prose>
        <p>The site sends no mail. Whoever runs it can set a new password, which ends all sessions of the account:</p>
        <Commands label="Setting a password">
          {`npm run -s dmbench -- reset-password ada
npm run -s dmbench -- reset-password ada --random`}
        </Commands>
        <p>The first asks for it without showing it, the second makes one and prints it.</p>
      </Section>
    </>
  );
}
