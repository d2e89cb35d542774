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
          <code>compose.yaml</code> starts the site with PostgreSQL and Garage, an S3 server. Write the secrets that its
          head names into <code>.env</code>, then:
        </p>
        <Commands label="Starting with Compose">
          {`podman compose up --build     # or: docker compose up --build
podman compose logs release   # the one-time codes of maintainers`}
        </Commands>
        <p>
          The site is on port 3000 and the bucket on port 3900, where browsers read public files. Both must reach it
          under the same address, <code>BUCKET_ADDRESS</code>, which needs https once the site has it.
        </p>
      </Section>

      <Section id="image" title="The image" prose>
        <Commands label="Building the image">
          {`podman build --build-arg DMBENCH_COMMIT=$(git rev-parse HEAD) --tag dmbench .
docker build --file Containerfile --tag dmbench .`}
        </Commands>
        <p>
          It holds Node and the standalone build, about 230 MB by the sizes of its parts, without a shell, and runs as a
          user who is not root. It listens on <code>PORT</code>, 3000 without that. Its health check asks{" "}
          <code>/api/v1/ready</code>; a platform that restarts what hangs asks <code>/api/v1/health</code>. Give it 30
          seconds between <code>SIGTERM</code> and the end.
        </p>
        <Commands label="An instance, with a read-only root">
          {`podman run --read-only --env-file site.env --publish 3000:3000 dmbench`}
        </Commands>
        <p>
          <code>site.env</code> has <Link href="/docs/running#settings">the settings</Link> that are needed:{" "}
          <code>DATABASE_URL</code>, the bucket and its keys, <code>NEXTAUTH_SECRET</code>, <code>CRON_SECRET</code> and{" "}
          <code>DMBENCH_PROXIES</code>. An instance that lacks one names it, and ends.
        </p>
      </Section>

      <Section id="release" title="A new version" prose>
        <p>
          Run the new image&rsquo;s release first, then replace the instances. The previous version serves the upgraded
          database meanwhile.
        </p>
        <Commands label="A release">{`podman run --rm --env-file site.env dmbench lib/server/dist/release.mjs`}</Commands>
      </Section>

      <Section id="scoring" title="Where policies are scored" prose>
        <p>
          A container that lives on scores best in processes of its own: <code>DMBENCH_SCORING=process</code>, as with{" "}
          <code>npm start</code>. Then no cron service is needed, and it also records held-out runs, unless{" "}
          <code>DMBENCH_RECORD=none</code>. On a platform that stops containers without requests, such as Cloud Run,
          leave it at <code>inline</code> and <Link href="/docs/running/functions#cron">call for background work</Link>.
        </p>
        <p>A machine that only works on the queue, for recordings above all:</p>
        <Commands label="A worker">{`podman run --read-only --env-file site.env dmbench lib/server/dist/work.mjs record`}</Commands>
      </Section>

      <Section id="platforms" title="Cloud Run, Fly, ECS, Kubernetes" prose>
        <p>
          All take this image. A request uses a processor for 5 to 65 ms; an instance needs 512 MB, and 1 GB where it
          scores in processes. <code>DMBENCH_DATABASE_CONNECTIONS</code> times the number of instances must stay below
          PostgreSQL&rsquo;s limit, or put PgBouncer in transaction mode between.
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
