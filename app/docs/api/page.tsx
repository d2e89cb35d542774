/** The API, operation by operation, from the very document that programs read. */
import type { Metadata } from "next";
import { headers } from "next/headers";
import { Fact, Facts } from "@/app/_components/tables/facts";
import { Section } from "@/app/_components/text/section";
import { scopes } from "@/lib/leaderboard";
import { endpoints } from "../../api/endpoints";
import type { Operation } from "../../api/openapi";
import { openApi } from "../../api/openapi";
import { notation } from "./notation";
import "./api.css";

export const metadata: Metadata = {
  title: "API",
  description: "Read boards, policies and runs, and publish, from a program: every operation of /api/v1.",
};

export default async function ApiPage() {
  const given = await headers();
  const host = given.get("x-forwarded-host") ?? given.get("host") ?? "localhost";
  const origin = `${given.get("x-forwarded-proto")?.split(",")[0] ?? "http"}://${host}`;
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
            A token of <a href="/settings">your settings</a>, sent as <code>Authorization: Bearer dmb_…</code>
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

function OperationSection({
  method,
  path,
  operation,
  origin,
}: {
  method: string;
  path: string;
  operation: Operation;
  origin: string;
}) {
  const { operationId, summary, description, parameters, requestBody, responses } = operation;
  const limit = operation["x-body-limit"];
  return (
    <section id={operationId} className="section operation" aria-labelledby={`${operationId}-name`}>
      <h2 id={`${operationId}-name`}>
        <a href={`#${operationId}`}>{summary}</a>
      </h2>
      <p>
        <code>
          <b>{method}</b> {path}
        </code>
      </p>
      {description && <p className="mt-2 max-w-prose">{description}</p>}
      <Facts>
        <Fact name="Who may">{who(operation)}</Fact>
        {parameters.map((parameter) => (
          <Fact key={parameter.name} name={<code>{parameter.name}</code>}>
            in the {parameter.in === "path" ? "path" : "query"}
            {parameter.required ? "" : ", may be left out"}: <code>{notation(parameter.schema)}</code>
            {parameter.description && `. ${parameter.description}`}
          </Fact>
        ))}
        {Object.entries(responses).map(([status, answer]) => (
          <Fact key={status} name={<code>{status}</code>}>
            {answer.description}
            {Number(status) >= 400 ? null : types(answer.content)}
          </Fact>
        ))}
      </Facts>
      {requestBody && (
        <>
          <h3 className="mt-3">Body{limit !== undefined && `, at most ${limit.toLocaleString("en-GB")} bytes`}</h3>
          <Type schema={requestBody.content["application/json"]!.schema} />
        </>
      )}
      {(responses["200"]?.content?.["application/json"] ?? responses["201"]?.content?.["application/json"]) ? (
        <>
          <h3 className="mt-3">Answer</h3>
          <Type schema={(responses["200"]?.content ?? responses["201"]!.content!)["application/json"]!.schema} />
        </>
      ) : null}
      <h3 className="mt-3">Example</h3>
      <pre className="listing" tabIndex={0}>
        {curl(method, path, operation, origin)}
      </pre>
    </section>
  );
}

const Type = ({ schema }: { schema: Record<string, unknown> }) => (
  <pre className="listing" tabIndex={0}>
    {notation(schema)}
  </pre>
);

function who(operation: Operation): string {
  const scope = operation["x-scope"];
  const kinds = { anyone: "anyone", user: "whoever is signed in", owner: "its owner", maintainer: "maintainers" };
  const kind = kinds[operation["x-access"]];
  if (scope === undefined) return kind;
  return scope === null
    ? `${kind}, signed in on the site; no token can`
    : `${kind}; a token needs the scope ${scope}, to ${scopes[scope as keyof typeof scopes]}`;
}

function types(content: object | undefined): string | null {
  const media = Object.keys(content ?? {}).filter((type) => type !== "application/json");
  return media.length ? ` (${media.join(", ")})` : null;
}

/** A request to try, with examples in place of what is in the path. */
function curl(
  method: string,
  path: string,
  { "x-scope": scope, parameters, requestBody }: Operation,
  origin: string,
): string {
  const examples: Record<string, string> = {
    slug: path.includes("benchmarks") ? "digits-mlp" : path.includes("datasets") ? "digits" : "dmbn",
    file: "digits.csv.gz",
  };
  const filled = path.replace(
    /\{(\w+)\}/g,
    (whole, name: string) => examples[name] ?? whole.slice(1, -1).toUpperCase(),
  );
  const required = parameters.filter((parameter) => parameter.in === "query" && parameter.required);
  const query = required.length
    ? `?${required.map(({ name }) => `${name}=${name === "a" ? "bn/dmbn" : name === "b" ? "bn/keras-default" : name.toUpperCase()}`).join("&")}`
    : "";
  return [
    `curl ${method === "GET" ? "" : `-X ${method} `}'${origin}${filled}${query}'`,
    ...(typeof scope === "string" ? ['  -H "Authorization: Bearer $DMBENCH_TOKEN"'] : []),
    ...(requestBody ? ["  -H 'Content-Type: application/json'", "  -d @body.json"] : []),
  ].join(" \\\n");
}
