import { expect, it } from "vitest";
import { z } from "zod";
import { endpoint } from "@/app/api/endpoint";
import { notFound } from "@/app/api/problem";

/** Counts how often its answer is made. */
const counting = () => {
  let made = 0;
  return endpoint(
    {
      summary: "A number",
      tag: "data",
      access: "anyone",
      query: z.strictObject({ of: z.string() }),
      json: z.object({ of: z.string(), made: z.int() }),
      shared: true,
      answers: { 200: "A number" },
    },
    async ({ query: { of } }) => {
      made += 1;
      return of === "nothing" ? notFound("such thing", "/docs/api") : { of, made };
    },
  );
};

const ask = (number: ReturnType<typeof counting>, of: string, headers: Record<string, string> = {}) =>
  number.handle(new Request(`http://site/number?of=${of}`, { headers }), { db: {} as never });

it("makes a shared answer once for all who ask for its address at once, and anew for who asks later", async () => {
  const number = counting();
  const answers = await Promise.all(["a", "a", "b", "a"].map((of) => ask(number, of)));
  expect(await Promise.all(answers.map((answer) => answer.json()))).toEqual([
    { of: "a", made: 1 },
    { of: "a", made: 1 },
    { of: "b", made: 2 },
    { of: "a", made: 1 },
  ]);
  expect(await (await ask(number, "a")).json()).toEqual({ of: "a", made: 3 });
});

it("gives each who shares an answer a body and headers of its own", async () => {
  const number = counting();
  const problems = await Promise.all([ask(number, "nothing"), ask(number, "nothing")]);
  for (const problem of problems) expect([problem.status, await problem.json()]).toMatchObject([404, { status: 404 }]);
  const [etag] = (await Promise.all([ask(number, "a"), ask(number, "a")])).map((answer) => answer.headers.get("etag"));
  const counted = counting();
  await ask(counted, "nothing");
  const [fresh, cached] = await Promise.all([ask(counted, "a"), ask(counted, "a", { "if-none-match": etag! })]);
  expect([fresh.status, cached.status]).toEqual([200, 304]);
});
