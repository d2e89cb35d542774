/** Example requests, as curl commands. */
import type { Operation } from "../../api/openapi";

/** An example request, with sample values for path parameters. */
export function curl(
  method: string,
  path: string,
  { "x-scope": scope, parameters, requestBody }: Operation,
  origin: string,
): string {
  const examples: Record<string, string> = {
    slug: path.includes("benchmarks") ? "digits-mlp" : path.includes("datasets") ? "digits" : "dmbn",
    file: "digits.csv.gz",
  };
  const methods: Record<string, string> = { a: "bn/dmbn", b: "bn/keras-default" };
  const filled = path.replace(
    /\{(\w+)\}/g,
    (whole, name: string) => examples[name] ?? whole.slice(1, -1).toUpperCase(),
  );
  const required = parameters.filter((parameter) => parameter.in === "query" && parameter.required);
  const query = required.length
    ? `?${required.map(({ name }) => `${name}=${methods[name] ?? name.toUpperCase()}`).join("&")}`
    : "";
  return [
    `curl ${method === "GET" ? "" : `-X ${method} `}'${origin}${filled}${query}'`,
    ...(typeof scope === "string" ? ['  -H "Authorization: Bearer $DMBENCH_TOKEN"'] : []),
    ...(requestBody ? bodyOf(Object.keys(requestBody.content)[0]!) : []),
  ].join(" \\\n");
}

const bodyOf = (media: string): string[] => [
  `  -H 'Content-Type: ${media}'`,
  media === "application/json" ? "  -d @body.json" : "  --data-binary @FILE",
];
