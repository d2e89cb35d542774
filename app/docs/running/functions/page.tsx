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
          <code>DMBENCH_PROXIES=1</code>, <code>NEXTAUTH_URL</code> and a pooled <code>DATABASE_URL</code>. Prepare the
          database from any machine that has the same settings, then deploy:
        </p>
        <Commands label="Deploying to Vercel">
          {`npx vercel link
npx vercel env pull .env.local    # what you set in the project
npm ci && npm run release         # prints the codes of DMBENCH_MAINTAINERS
npx vercel deploy --prod`}
        </Commands>
        <p>
          <code>vercel.json</code> calls for background work every minute and allows each call five. The free plan has
          daily crons only and refuses that file: delete its <code>crons</code>, and let another service call. Vercel
          may preset <code>AWS_REGION</code> and <code>AWS_SESSION_TOKEN</code>: set both in the project, the token
          empty.
        </p>
      </Section>

      <Section id="lambda" title="AWS Lambda" prose>
        <p>
          OpenNext turns the build into Lambda functions and a folder of static files, which SST, CDK or Terraform
          deploy:
        </p>
        <Commands label="Building for AWS Lambda">{`npx --yes @opennextjs/aws build   # makes .open-next`}</Commands>
        <p>
          Give the server function 1 GB and 30 seconds. Lambda sets <code>AWS_ACCESS_KEY_ID</code> and the other{" "}
          <code>AWS_</code> settings itself, from the function&rsquo;s role: allow that role to get, put and list the
          bucket, and have both in one region. A scheduled Lambda function calls for background work with{" "}
          <code>seconds=20</code>. API Gateway ends a request after 29 seconds; a submission that takes longer than 20
          is answered with 202 before that.
        </p>
      </Section>

      <Section id="cron" title="Background work" prose>
        <p>
          Instances score what is submitted to them while they answer, for 20 seconds at most. What is left, also by an
          instance that ended in the middle, the next cron call does; schedule one every minute:
        </p>
        <Commands label="The call of a cron service">
          {`curl -H "Authorization: Bearer $CRON_SECRET" "https://bench.example/api/v1/work?seconds=50"`}
        </Commands>
        <p>
          <code>seconds</code> is how long the call may take: a little less than the function&rsquo;s timeout. The
          answer says how many jobs are left. Calls may overlap. Held-out runs take longer than functions live, and so
          does training published runs again: a container or any machine with the data sets does both, by{" "}
          <code>npm run -s dmbench -- work --kinds recordings,audits</code> or{" "}
          <Link href="/docs/running/containers#scoring">the image</Link>.
        </p>
      </Section>

      <Section id="limits" title="Limits" gap={0}>
        <ul className="rows text-table">
          <li className="py-2">
            The largest route is 18 MB with all that it reads; the embedded database and its 19 MB are left out.
          </li>
          <li className="py-2">
            A body may have 4 MB; Vercel allows 4.5 and Lambda 6. The largest run that a page publishes, 64 methods on
            10,000 images, is 1.5 MB.
          </li>
          <li className="py-2">
            Downloads of data sets, predictions and recorded runs are answered with 307 to the bucket; only the digits,
            and a data set that nobody asked for before, pass through a function.
          </li>
          <li className="py-2">
            A function opens at most three connections to PostgreSQL; <code>DMBENCH_DATABASE_CONNECTIONS</code> changes
            that. Use a pooler.
          </li>
          <li className="py-2">
            Client addresses, by which limits count, are only what the platform&rsquo;s proxy says:{" "}
            <code>DMBENCH_PROXIES</code> is the number of proxies that add to it, 1 on Vercel and behind API Gateway.
          </li>
        </ul>
      </Section>

      <Section id="tried" title="What was tried" prose>
        <p>
          The tests run instances that are frozen and killed after answers. Nobody has deployed the site to Vercel or
          AWS yet; the files and the commands here follow their documentation.
        </p>
      </Section>
    </>
  );
}
