/** What the commands ask of a site, as a server on this machine sees it, and what they print of its answer. */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, expect, it, onTestFinished } from "vitest";
import type { Outcome } from "./command";
import { dmbench } from "./command";

/** Runs `argv` with a site that always answers the same; the outcome, and the addresses that the site was asked for. */
async function withSite(argv: readonly string[], answer: unknown): Promise<Outcome & { asked: URL[] }> {
  const asked: URL[] = [];
  const server = createServer((request, response) => {
    asked.push(new URL(request.url!, "http://site"));
    response.setHeader("content-type", "application/json");
    response.end(JSON.stringify(answer));
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  onTestFinished(() => void server.close());
  const site = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { ...(await dmbench([...argv, "--site", site])), asked };
}

const emptyBoard = { benchmark: { title: "Digits", version: 1 }, rows: [] };

it.each([
  [["board", "digits-mlp"], "closed"],
  [["export", "digits-mlp"], "closed"],
  [["export", "digits-mlp", "--view", "sort=esm"], "closed"],
  [["export", "digits-mlp", "--view", "?division=open&sort=esm"], "open"],
  [["board", "digits-mlp", "--division", "open"], "open"],
  [["export", "digits-mlp", "--division", "open"], "open"],
  [["export", "digits-mlp", "--view", "division=open", "--division", "closed"], "closed"],
])("%j shows the %s division: the same for both commands unless the user says otherwise", async (argv, division) => {
  const { code, err, asked } = await withSite(argv, emptyBoard);
  expect({ code, err }).toEqual({ code: 0, err: "" });
  expect(asked.map(({ searchParams }) => searchParams.get("division"))).toEqual([division]);
});

describe("over all boards", () => {
  const benchmark = (slug: string, title: string) => ({ slug, version: 1, title, summary: "" });
  const method = (name: string, figures: object) => ({ method: name, variant: "bn", ...figures });
  const answer = {
    boards: [benchmark("digits-mlp", "Digits, MLP"), benchmark("digits-cnn", "Digits, CNN")],
    methods: [
      method("bn/dmbn", {
        regrets: [0, 0.00125],
        mean: 0.000625,
        worst: 0.00125,
        iqm: { mean: 0.961, low: 0.9555, high: 0.9664 },
      }),
      method("bn/one-run", {
        regrets: [0.01, 0.02],
        mean: 0.015,
        worst: 0.02,
        iqm: { mean: 0.9, low: null, high: null },
      }),
      method("bn/elsewhere", { regrets: [0.25, null], mean: 0.25, worst: 0.25, iqm: null }),
    ],
    of: 70,
  };

  it("prints regrets in points, with a board's number as the head of its column", async () => {
    const { code, out, err, asked } = await withSite(["board"], answer);
    expect({ code, err }).toEqual({ code: 0, err: "" });
    expect(asked.map(({ pathname, search }) => pathname + search)).toEqual(["/api/v1/leaderboard?sort=mean"]);
    expect(out.split("\n")).toEqual([
      "3 of 70 methods on 2 boards; regret to the best of each, points",
      "1: digits-mlp, version 1, Digits, MLP",
      "2: digits-cnn, version 1, Digits, CNN",
      "method         mean  worst  IQM, %   95 % interval      1     2",
      "────────────  ─────  ─────  ──────  ──────────────  ─────  ────",
      "bn/dmbn        0.06   0.13   96.10  95.55 to 96.64   0.00  0.13",
      "bn/one-run     1.50   2.00   90.00               –   1.00  2.00",
      "bn/elsewhere  25.00  25.00       –               –  25.00     –",
      "",
    ]);
  });

  it("prints as many rows as asked for, in the order asked for, or the answer as it is", async () => {
    const { out, asked } = await withSite(["board", "--sort", "worst", "--take", "1"], answer);
    expect(asked[0]!.search).toBe("?sort=worst");
    expect(out).toContain("1 of 70 methods");
    expect(out).not.toContain("one-run");
    expect(JSON.parse((await withSite(["board", "--json"], answer)).out)).toEqual(answer);
  });

  it("exports what the page exports, as CSV or JSON", async () => {
    const { code, out, asked } = await withSite(["export", "--view", "?variant=bn&sort=worst&rows=all"], answer);
    expect(code).toBe(0);
    expect(asked.map(({ pathname, search }) => pathname + search)).toEqual([
      "/api/v1/leaderboard?variant=bn&sort=worst&format=csv",
    ]);
    expect(out).toBe(JSON.stringify(answer)); // whatever the site answers
    const json = await withSite(["export", "--format", "json"], answer);
    expect(json.asked[0]!.search).toBe("?format=json");
  });

  it.each([
    [["board", "--sort", "esm"], /--sort: unknown order "esm".* Valid: mean, worst, iqm, method\./],
    [["board", "digits-mlp", "--sort", "worst"], /--sort: unknown order "worst".* Valid: accuracy,/],
    [["board", "--division", "open"], /--division open: name a benchmark/],
    [["export", "--division", "open"], /--division open: name a benchmark/],
    [["export", "--format", "latex"], /--format latex: name a benchmark; all boards are csv or json/],
  ])("refuses %j before it asks anybody", async (argv, message) => {
    const { code, err, asked } = await withSite(argv, answer);
    expect({ code, asked }).toEqual({ code: 2, asked: [] });
    expect(err).toMatch(message);
  });
});
