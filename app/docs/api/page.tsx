/** The API reference, rendered from the same OpenAPI document that programs read. */

import type { Metadata } from "next";
import { headers } from "next/headers";
import Link from "next/link";
import { Fact, Facts } from "@/app/_components/tables/facts";
import { Section } from "@/app/_components/text/section";
import { resultsLicence } from "@/lib/leaderboard";
import { siteOrigin } from "@/lib/server/site-origin";
import { endpoints } from "../../api/endpoints";
import { openApi } from "../../api/openapi";
import "./api.css";
import { OperationSection, Type } from "./operation";

export const metadata: Metadata = {
  title: "API",
  description: "Read boards, policies and runs, and publish, from a program: every operation of the API.",
};

export default async function ApiPage() {
  const origin = siteOrigin(await headers());
  const document = openApi(endpoints, origin);
  const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ method: method.toUpperCase(), path, operation })),
  );
  return (
    <>
      <h1>API</h1>
      <p className="lede">Everything that the pages show and do, for programs. Reading needs no account.</p>
      <div className="mt-4">
        <Facts>
          <Fact name="Description">
            <a href="/api/v1/openapi.json">/api/v1/openapi.json</a>, OpenAPI 3.1: what this page is made of
          </Fact>
          <Fact name="Sign-in">
            A token of <Link href="/settings">your settings</Link>, sent as <code>Authorization: Bearer dmb_…</code>
          </Fact>
          <Fact name="Errors">
            <code>application/problem+json</code> (RFC 9457): each field that is wrong, what was expected, what was
            found, how to mend it
          </Fact>
          <Fact name="Pages">
            Lists end with <code>next</code>, the address of the page after, or null
          </Fact>
          <Fact name="Caching">
            Answers carry an <code>ETag</code>; sent back as <code>If-None-Match</code> it saves the transfer
          </Fact>
          <Fact name="Other sites">
            Pages anywhere may read what needs no account (CORS), and the published files, and{" "}
            <a href="#post-score">score a document</a>; cookies are not sent along, and other writing takes a program
          </Fact>
          <Fact name="Frames and feeds">
            Any page may show <code>/embed/leaderboard/…</code> and <code>/embed/policies/…</code> in a frame;{" "}
            <a href="#get-oembed">oEmbed</a> has the HTML. <a href="#get-benchmarks-slug-feed.xml">Boards</a>,{" "}
            <a href="#get-policies-feed.xml">policies</a> and <a href="#get-log-feed.xml">the log</a> are Atom feeds
          </Fact>
          <Fact name="Licence">
            Results are published under <a href={resultsLicence.url}>{resultsLicence.name}</a>. Croissant 1.1 describes{" "}
            <a href="#get-benchmarks-slug-croissant">boards</a> and <a href="#get-datasets-slug-croissant">data sets</a>
            , each with its licence
          </Fact>
          <Fact name="Limits">
            <code>429</code> says with <code>Retry-After</code> how many seconds to wait; what was refused costs nothing
            of a quota
          </Fact>
          <Fact name="Command">
            <code>dmbench login</code>, <code>submit</code>, <code>board</code> and <code>export</code> speak it for you
          </Fact>
        </Facts>
      </div>
      <nav aria-label="Operations" className="section">
        <h2 className="mb-3">Operations</h2>
        {document.tags.map(({ name, description }) => {
          const ofTag = operations.filter(({ operation }) => operation.tags.includes(name));
          return (
            ofTag.length > 0 && (
              <section key={name} className="mb-4">
                <h3>{description}</h3>
                <ul className="rows operations">
                  {ofTag.map(({ method, path, operation }) => (
                    <li key={operation.operationId}>
                      <a href={`#${operation.operationId}`}>
                        <code>
                          <b>{method}</b> {path}
                        </code>
                      </a>
                      <span>{operation.summary}</span>
                    </li>
                  ))}
                </ul>
              </section>
            )
          );
        })}
      </nav>
      {operations.map(({ method, path, operation }) => (
        <OperationSection
          key={operation.operationId}
          method={method}
          path={path}
          operation={operation}
          origin={origin}
        />
      ))}
      <Section id="schemas" title="Types">
        {Object.entries(document.components.schemas).map(([name, schema]) => (
          <section key={name} id={`type-${name}`} className="mb-4">
            <h3>{name}</h3>
            {typeof schema.description === "string" && <p className="note">{schema.description}</p>}
            <Type schema={schema} />
          </section>
        ))}
      </Section>
    </>
  );
}
