/** Running a site as functions: Vercel, AWS Lambda by OpenNext, cron calls, limits. */
import type { Metadata } from "next";
import Link from "next/link";
import { Crumbs } from "@/app/_components/text/crumbs";
import { Section } from "@/app/_components/text/section";
import { Commands } from "../commands";

export const metadata: Metadata = {
  title: "As functions",
  description: "A DMBench site without servers: Vercel, AWS Lambda, background work by a cron service, and limits.",
};

export default function FunctionsPage() {
  return (
    <>
      <Crumbs
        path={[
          { href: "/docs", title: "Documentation" },
          { href: "/docs/running", title: "Running a site" },
        ]}
      />
      <h1>As functions</h1>
      <p className="lede">
        A function writes no file and lives no longer than its requests. The site needs neither: rows are in PostgreSQL,
        files in a bucket, and background work is done when somebody calls for it.
      </p>

      <Section id="vercel" title="Vercel" prose>
        <p>
          Set the settings with <code>*</code> in <code>.env.example</code> in the project, with{" "}
          <code>DMBENCH_PROXIES=1</code> and a pooled <code>DATABASE_URL</code>. Prepare the database from any machine,
          then deploy:
        </p>
        <Commands label="Deploying to Vercel">
          {`npm ci && npm run release     # with DATABASE_URL, the bucket and its keys
npx vercel deploy --prod`}
        </Commands>
        <p>
          <code>vercel.json</code> calls for background work once a minute and gives it five, which needs a plan with
          minute crons; on a free one let another service call.
        </p>
      </Section>

      <Section id="lambda" title="AWS Lambda" prose>
        <p>
          OpenNext turns the build into Lambda functions and a folder of static files, which SST, CDK or Terraform
          deploy:
        </p>
        <Commands label="Building for AWS Lambda">{`npx --yes @opennextjs/aws build   # makes .open-next`}</Commands>
        <p>
          Give the server function 1 GB and 30 seconds, and let EventBridge call for background work. API Gateway ends a
          request after 29 seconds: a submission that takes longer than 20 is answered with 202 before that.
        </p>
      </Section>

      <Section id="cron" title="Background work" prose>
        <p>
          Instances score what is submitted to them while they answer, for 20 seconds at most. What they leave, and what
          an instance leaves that ended in the middle, is done by the next call of any cron service, at best each
          minute:
        </p>
        <Commands label="The call of a cron service">
          {`curl -H "Authorization: Bearer $CRON_SECRET" "https://bench.example/api/v1/work?seconds=50"`}
        </Commands>
        <p>
          <code>seconds</code> is how long it may take: a little less than the platform gives a function. The answer
          says how many jobs are left. Calls may overlap. Held-out runs take longer than functions live: a container or
          any machine records them, with <code>npm run -s dmbench -- work --kinds recordings</code> or{" "}
          <Link href="/docs/running/containers#scoring">the image</Link>.
        </p>
      </Section>

      <Section id="limits" title="Limits" prose>
        <ul>
          <li>The largest route is 18 MB with all that it reads; the embedded database and its 19 MB are left out.</li>
          <li>
            A body may have 4 MB, less than any platform allows. The largest run that a page publishes, 64 methods on
            10,000 images, has 1.5.
          </li>
          <li>
            Downloads of data sets, predictions and recorded runs are answered with 307 to the bucket, so no file passes
            through a function.
          </li>
          <li>
            A function opens at most three connections to PostgreSQL; <code>DMBENCH_DATABASE_CONNECTIONS</code> changes
            that. Use a pooler.
          </li>
          <li>
            Client addresses, by which limits count, are only what the platform&rsquo;s proxy says:{" "}
            <code>DMBENCH_PROXIES</code> must be at least 1.
          </li>
        </ul>
      </Section>

      <Section id="tried" title="What was tried" prose>
        <p>
          The tests run instances that are frozen as soon as they have answered, and killed. Nobody has deployed the
          site to Vercel or AWS yet; the files and the commands here follow their documentation.
        </p>
      </Section>
    </>
  );
}
