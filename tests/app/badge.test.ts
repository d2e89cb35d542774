import { expect, it } from "vitest";
import { GET } from "@/app/api/v1/benchmarks/[slug]/badge.svg/route";

const ask = (slug: string, query: string, accept: string) =>
  GET(new Request(`https://bench.example/api/v1/benchmarks/x/badge.svg?${query}`, { headers: { accept } }), {
    params: Promise.resolve({ slug }),
  });

it.each([
  ["digits-mlp", "method=nonsense", 422, "the address of this badge is wrong"],
  ["digits-mlp", "", 422, "the address of this badge is wrong"],
  ["digits-mlp", "method=bn/dmbn&colour=red", 422, "the address of this badge is wrong"],
  ["No Such Board", "method=bn/dmbn", 404, "no such method on this board"],
])("the badge of %s?%s is a picture with status %d", async (slug, query, status, words) => {
  for (const accept of ["*/*", "image/avif,image/webp,image/*,*/*;q=0.8", ""]) {
    const response = await ask(slug, query, accept);
    expect([response.status, response.headers.get("content-type")]).toEqual([status, "image/svg+xml"]);
    expect(await response.text()).toContain(`<title>DMBench: ${words}</title>`);
  }
  const problem = await ask(slug, query, "application/json");
  expect([problem.status, problem.headers.get("content-type")]).toEqual([status, "application/problem+json"]);
});
