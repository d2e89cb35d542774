/** The API's description against the routes that exist; tests/e2e/api.spec.ts runs it against the real server. */
import { readdirSync } from "node:fs";
import { Validator } from "@seriousme/openapi-schema-validator";
import { expect, it } from "vitest";
import { endpoints } from "@/app/api/endpoints";
import { openApi } from "@/app/api/openapi";
import type { Method } from "@/app/api/other-methods";
import { methods } from "@/app/api/other-methods";
import { scopeNames } from "@/lib/leaderboard";

type Handler = (request: Request, context: { params: Promise<object> }) => Response | Promise<Response>;

/** Those that are not described: every other path below /api, next-auth's own, and the description itself. */
const undescribed = ["[...path]/route.ts", "auth/[...nextauth]/route.ts"];
const files = readdirSync("app/api", { recursive: true, encoding: "utf8" }).filter(
  (file) => file.endsWith("route.ts") && !undescribed.includes(file),
);
const document = openApi(endpoints, "https://dmbench.example");
const operations = Object.entries(document.paths).flatMap(([path, ofPath]) =>
  Object.entries(ofPath).map(([method, operation]) => ({ path, method, operation })),
);

it("describes every route below app/api, and no other", () => {
  const routes = files
    .map((file) => `/api/${file.replace(/\/route\.ts$/, "")}`.replaceAll("[", "{").replaceAll("]", "}"))
    .filter((path) => path !== "/api/v1/openapi.json"); // it is the description
  expect(Object.keys(endpoints).sort()).toEqual(routes.sort());
});

it.each(files.map((file) => [`/api/${file}`, file]))(
  "%s exports described endpoints, lists them on OPTIONS, and answers 405 to every other method",
  async (_name, file) => {
    const route = (await import(`../../app/api/${file}`)) as Record<string, Handler>;
    const described = methods.filter((method) => "description" in route[method]!);
    expect(described.length).toBeGreaterThan(0);
    const send = async (method: string) =>
      route[method]!(new Request("https://dmbench.example", { method }), { params: Promise.resolve({}) });
    const listed = async (method: string) => (await send(method)).headers.get("allow")?.split(", ").sort();
    const supported = [...described, ...(described.includes("GET") ? ["HEAD"] : []), "OPTIONS"].sort();
    expect(await listed("OPTIONS")).toEqual(supported);
    expect((await send("OPTIONS")).status).toBe(204);
    for (const method of methods.filter((method) => !described.includes(method))) {
      const answer = await send(method);
      expect(answer.status).toBe(405);
      expect(answer.headers.get("content-type")).toBe("application/problem+json");
      expect(await listed(method)).toEqual(supported);
    }
  },
);

it("is valid OpenAPI 3.1, with every reference resolved", async () => {
  const validator = new Validator();
  const { valid, errors } = await validator.validate(JSON.parse(JSON.stringify(document)) as Record<string, unknown>);
  expect(errors ?? []).toEqual([]);
  expect(valid).toBe(true);
  expect(validator.version).toBe("3.1");
  const referred = [...JSON.stringify(document).matchAll(/"#\/components\/schemas\/([^"]+)"/g)].map(([, name]) => name);
  expect(new Set(referred)).toEqual(new Set(Object.keys(document.components.schemas)));
});

it("documents who may call every operation, and every parameter in its path", () => {
  expect(new Set(operations.map(({ operation }) => operation.operationId)).size).toBe(operations.length);
  for (const { path, method, operation } of operations) {
    const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
    expect(
      operation.parameters.filter((parameter) => parameter.in === "path").map(({ name }) => name),
      path,
    ).toEqual(inPath);
    const scope = operation["x-scope"];
    if (["anyone", "cron"].includes(operation["x-access"]))
      expect(scope).toBeUndefined(); // no token opens it
    else expect([null, ...scopeNames]).toContain(scope);
    const { fromAnySite = false } = endpoints[path]![method.toUpperCase() as Method]!.description;
    if (method !== "get") expect("403" in operation.responses, `${method} ${path}`).toBe(!fromAnySite);
  }
});
