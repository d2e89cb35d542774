/** Running a site in containers: the image, its settings, one machine with compose.yaml, several instances, a worker. */
import type { Metadata } from "next";
import Link from "next/link";
import { Crumbs } from "@/app/_components/text/crumbs";
import { Section } from "@/app/_components/text/section";
import { Commands } from "../commands";

export const metadata: Metadata = {
  title: "In containers",
  description: "A DMBench site as a container: the image, compose.yaml, several instances, release and workers.",
};

export default function ContainersPage() {
  return (
    <>
      <Crumbs
        path={[
          { href: "/docs", title: "Documentation" },
          { href: "/docs/running", title: "Running a site" },
        ]}
      />
      <h1>In containers</h1>
      <p className="lede">
        One image serves the site, prepares its database and trains its held-out runs. It writes nothing, so its root
        may be read-only, and any number of instances may run.
      </p>

      <Section id="compose" title="On one machine" prose>
        <p>
          <code>compose.yaml</code> starts the site with PostgreSQL and Garage, an S3 server. It needs Docker Compose
          2.23.1 or later, which <code>podman compose</code> can use too. Write the secrets that its head names, and any
          other settings, into <code>.env</code>, then:
        </p>
        <Commands label="Starting with Compose">
          {`docker compose up --build --detach     # again after git pull, to upgrade
docker compose logs release            # the one-time codes of DMBENCH_MAINTAINERS`}
        </Commands>
        <p>
          The site is on port 3000 and the bucket on port 3900, since browsers read public files there. Both must reach
          the bucket at the same address, <code>BUCKET_ADDRESS</code>; the default works on this machine alone. For
          others, set it and <code>NEXTAUTH_URL</code>, with https, and give the bucket{" "}
          <Link href="/docs/running#bucket">a CORS rule</Link>, without which training reads only the digits.
        </p>
      </Section>

      <Section id="image" title="The image" prose>
        <Commands label="Building the image">
          {`docker build --file Containerfile --build-arg DMBENCH_COMMIT=$(git rev-parse HEAD) --tag dmbench .
podman build --format docker --build-arg DMBENCH_COMMIT=$(git rev-parse HEAD) --tag dmbench .`}
        </Commands>
        <p>
          It holds Node and the standalone build, about 230 MB by the sizes of its parts, without a shell, and runs as a
          user who is not root. It listens on <code>PORT</code>, 3000 by default. Its health check asks{" "}
          <code>/api/v1/ready</code>; use <code>/api/v1/health</code> as a liveness probe. Allow 30 seconds between{" "}
          <code>SIGTERM</code> and the end.
        </p>
        <Commands label="An instance, with a read-only root">
          {`docker run --read-only --tmpfs /tmp --stop-timeout 30 --env-file site.env --publish 3000:3000 dmbench`}
        </Commands>
        <p>
          <code>site.env</code> has <Link href="/docs/running#settings">the settings</Link> that are needed, each as it
          is, without quotes or escapes: <code>DATABASE_URL</code>, the bucket and its keys,{" "}
          <code>NEXTAUTH_SECRET</code>, <code>CRON_SECRET</code> and <code>DMBENCH_PROXIES</code>. An instance lists
          every one that is missing or invalid, and exits.
        </p>
      </Section>

      <Section id="release" title="A new version" prose>
        <p>
          Run the new image&rsquo;s release first, then replace the instances. The previous version serves the upgraded
          database meanwhile.
        </p>
        <Commands label="A release">{`docker run --rm --env-file site.env dmbench lib/server/dist/release.mjs`}</Commands>
        <p>
          Backup, restore, <code>reset-password</code>, <code>retire</code> and <code>snapshot</code> are not in the
          image: run them in a clone of the repository, after <code>npm ci &amp;&amp; npm run generate</code>, with the
          same settings.
        </p>
      </Section>

      <Section id="scoring" title="Where policies are scored" prose>
        <p>
          In a long-running container, set <code>DMBENCH_SCORING=process</code>, as with <code>npm start</code>: it then
          needs no cron service, and also records held-out runs, unless <code>DMBENCH_RECORD=none</code>. On a platform
          that stops containers without requests, such as Cloud Run, leave it at <code>inline</code> and{" "}
          <Link href="/docs/running/functions#cron">call for background work</Link>.
        </p>
        <p>
          A worker serves no port, so it has no health check. It records boards whose data sets are in a folder of its
          own:
        </p>
        <Commands label="A worker">
          {`docker run --read-only --tmpfs /tmp --no-healthcheck --env-file site.env \\
  --volume /srv/datasets:/datasets:ro --env DMBENCH_DATASETS_DIR=/datasets \\
  dmbench lib/server/dist/work.mjs record`}
        </Commands>
      </Section>

      <Section id="platforms" title="Cloud Run, Fly, ECS, Kubernetes" prose>
        <p>
          All take this image on port 3000. A request uses a processor for 5 to 65 ms. An instance needs 512 MB; one
          that scores in processes 2 GB more for each core. ECS sets <code>HOSTNAME</code>: set it to{" "}
          <code>0.0.0.0</code> in the task. <code>DMBENCH_DATABASE_CONNECTIONS</code> times the number of instances must
          stay below PostgreSQL&rsquo;s limit, or put PgBouncer (transaction mode) in front.
        </p>
      </Section>

      <Section id="tried" title="What was tried" prose>
        <p>
          Every test run starts three instances of the standalone build, as a user who may write nowhere, through
          PgBouncer, with an S3 server that verifies signatures; they are frozen and killed while people publish. The
          steps of the Containerfile were run one by one, and the result in a read-only root with nothing but Node, its
          libraries and the site. The image itself was never built, nor <code>compose.yaml</code> started: no container
          engine was at hand.
        </p>
      </Section>
    </>
  );
}
