/** One operation of the API: who may call it, its parameters, responses, and an example request. */
import { Fact, Facts } from "@/app/_components/tables/facts";
import { scopes } from "@/lib/leaderboard";
import type { Operation } from "../../api/openapi";
import { curl } from "./example-request";
import { notation } from "./notation";

export function OperationSection({
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
  const json = requestBody?.content["application/json"];
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
            in the {parameter.in}
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
          {json ? (
            <Type schema={json.schema} />
          ) : (
            <p>
              The file itself, as <code>{Object.keys(requestBody.content)[0]}</code>.
            </p>
          )}
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

export const Type = ({ schema }: { schema: Record<string, unknown> }) => (
  <pre className="listing" tabIndex={0}>
    {notation(schema)}
  </pre>
);

function who(operation: Operation): string {
  const scope = operation["x-scope"];
  const kinds = {
    anyone: "anyone",
    user: "whoever is signed in",
    owner: "its owner",
    maintainer: "maintainers",
    cron: "a cron service that has the site’s CRON_SECRET",
  };
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
