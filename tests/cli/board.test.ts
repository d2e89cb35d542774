/** What the commands ask of a site, as a server on this machine sees it. */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, it, onTestFinished } from "vitest";
import { dmbench } from "./command";

/** The queries that `argv` makes of a site. */
async function queriesOf(argv: readonly string[]): Promise<Record<string, string>[]> {
  const queries: Record<string, string>[] = [];
  const server = createServer((request, response) => {
    queries.push(Object.fromEntries(new URL(request.url!, "http://site").searchParams));
    response.setHeader("content-type", "application/json");
    response.end(JSON.stringify({ benchmark: { title: "Digits", version: 1 }, rows: [] }));
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  onTestFinished(() => void server.close());
  const site = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const { code, err } = await dmbench([...argv, "--site", site]);
  expect({ code, err }).toEqual({ code: 0, err: "" });
  return queries;
}

it.each([
  [["board", "digits-mlp"], "closed"],
  [["export", "digits-mlp"], "closed"],
  [["export", "digits-mlp", "--view", "sort=esm"], "closed"],
  [["export", "digits-mlp", "--view", "?division=open&sort=esm"], "open"],
  [["board", "digits-mlp", "--division", "open"], "open"],
  [["export", "digits-mlp", "--division", "open"], "open"],
  [["export", "digits-mlp", "--view", "division=open", "--division", "closed"], "closed"],
])("%j shows the %s division: the same for both commands unless the user says otherwise", async (argv, division) => {
  expect(await queriesOf(argv)).toEqual([expect.objectContaining({ division })]);
});
