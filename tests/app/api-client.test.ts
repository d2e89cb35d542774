import { afterEach, describe, expect, it, vi } from "vitest";
import { callApi } from "@/app/api/client";

const answering = (response: () => Promise<Response>) => {
  const fetch = vi.fn(response);
  vi.stubGlobal("fetch", fetch);
  return fetch;
};

afterEach(() => vi.unstubAllGlobals());

describe("callApi", () => {
  it("fills the path, writes the query and sends JSON", async () => {
    const fetch = answering(async () => Response.json({ id: "1", url: "/moderation/1" }, { status: 201 }));
    const body = { subject: "run", id: "a", reason: "the labels are shuffled" } as const;
    expect(await callApi("POST", "/api/v1/flags", { body })).toEqual({ answer: { id: "1", url: "/moderation/1" } });
    expect(fetch).toHaveBeenLastCalledWith("/api/v1/flags", expect.objectContaining({ body: JSON.stringify(body) }));

    answering(async () => new Response(null, { status: 204 }));
    expect(await callApi("DELETE", "/api/v1/tokens/{id}", { params: { id: "a/b" } })).toEqual({ answer: null });
    const search = answering(async () => Response.json({ found: [] }));
    await callApi("GET", "/api/v1/users/{name}", { params: { name: "a/b" }, query: { q: "x y" } });
    expect(search).toHaveBeenLastCalledWith("/api/v1/users/a%2Fb?q=x+y", expect.anything());
  });

  it("returns the server's problem with its issues", async () => {
    const issue = { field: "name", expected: "a name", found: "nothing", remedy: "Send one." };
    const problem = { type: "urn:x", title: "Not accepted", status: 422, detail: "name", errors: [issue] };
    answering(async () => Response.json(problem, { status: 422 }));
    expect(await callApi("POST", "/api/v1/account", { body: { name: "", password: "" } })).toEqual({
      problem: { status: 422, title: "Not accepted", detail: "name", errors: [issue] },
    });
  });

  it("returns a problem for a response without a reason, a truncated response and no response", async () => {
    answering(async () => new Response("<h1>Bad gateway</h1>", { status: 502 }));
    expect(await callApi("GET", "/api/v1/benchmarks", {})).toMatchObject({ problem: { status: 502, errors: [] } });
    answering(async () => new Response('{"found": ['));
    expect(await callApi("GET", "/api/v1/benchmarks", {})).toMatchObject({ problem: { status: 0 } });
    answering(async () => Promise.reject(new TypeError("Failed to fetch")));
    expect(await callApi("GET", "/api/v1/benchmarks", { offline: "Kept." })).toMatchObject({
      problem: { status: 0, detail: "Kept." },
    });
  });

  it("knows each endpoint's path, parameters, body and response", async () => {
    answering(async () => Response.json({ url: "/runs/1" }));
    // @ts-expect-error: no endpoint of this path and method
    await callApi("DELETE", "/api/v1/runs", {});
    // @ts-expect-error: no such field
    await callApi("POST", "/api/v1/account", { body: { name: "", password: "", more: 1 } });
    // @ts-expect-error: the path needs an id
    await callApi("GET", "/api/v1/flags/{id}", { params: { slug: "" } });
    const result = await callApi("GET", "/api/v1/runs/{id}", { params: { id: "1" } });
    // JSON has no dates
    if ("answer" in result) expect(result.answer.createdAt satisfies string).toBeUndefined();
  });
});
