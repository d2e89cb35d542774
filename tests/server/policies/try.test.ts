import { readdirSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { OPTIONS, POST } from "@/app/api/v1/score/route";
import { builtInPolicies } from "@/lib/dmbn/policy";
import { socketAddressHeader } from "@/lib/server/limits/client-address";
import type { PolicyScores } from "@/lib/server/policies/try";
import { catchUp } from "@/lib/server/scoring/score-trajectory";
import { startScorer } from "@/lib/server/scoring/scorer";
import { importTrajectories } from "@/lib/server/scoring/trajectories";
import { onEmbeddedDatabase } from "../databases";
import { copyRuns } from "../scoring/shipped-runs";

const scorer = startScorer();
afterAll(() => scorer.stop());

const dmbn = builtInPolicies.find(({ slug }) => slug === "dmbn")!.document;
const publicRuns = 3;

onEmbeddedDatabase("a policy that is tried", (installation) => {
  const site = globalThis as { dmbenchDatabase?: object | undefined; dmbenchScorers?: object | undefined };
  beforeAll(async () => {
    const { db, store, folder } = installation();
    vi.stubEnv("DMBENCH_DATA_DIR", folder); // where the endpoint finds files
    copyRuns(join(folder, "shipped"), { public: publicRuns, held_out: 2 });
    expect(await importTrajectories([join(folder, "shipped")], { db, store })).toEqual([]);
    Object.assign(site, {
      dmbenchDatabase: { client: db, embedded: true },
      dmbenchScorers: { prompt: scorer, background: [] },
    });
  }, 600_000);
  afterAll(() => {
    Object.assign(site, { dmbenchDatabase: undefined, dmbenchScorers: undefined });
  });

  const send = (body: object, headers: Record<string, string> = {}) =>
    POST.handle(
      new Request("http://site/api/v1/score", {
        method: "POST",
        headers: { "content-type": "application/json", [socketAddressHeader]: "127.0.0.1", ...headers },
        body: JSON.stringify(body),
      }),
    );
  const scoresOf = async (body: object) => {
    const response = await send(body);
    expect(response.status).toBe(200);
    return (await response.json()) as PolicyScores;
  };

  /** Rows of every table but that of the rate limits, and files. */
  const kept = async () => {
    const { db, folder } = installation();
    const tables = await db.$queryRaw<{ name: string }[]>`
      SELECT table_name AS name FROM information_schema.tables
      WHERE table_schema = 'public' AND table_type = 'BASE TABLE' AND table_name <> 'allowance' ORDER BY 1`;
    const rows = await Promise.all(
      tables.map(async ({ name }) => {
        const [{ count }] = await db.$queryRawUnsafe<[{ count: number }]>(`SELECT count(*)::int FROM "${name}"`);
        return [name, count];
      }),
    );
    return { rows, files: readdirSync(join(folder, "artifacts"), { recursive: true }).length };
  };

  it("has the scores of the site itself on every public run and no other, and leaves no row and no file", async () => {
    const { db, store } = installation();
    const before = await kept();
    expect(before.rows.length).toBeGreaterThan(10);
    const tried = await scoresOf({ document: dmbn, benchmark: "digits-mlp" });
    expect(await kept()).toEqual(before);
    expect(tried).toMatchObject({
      benchmark: { slug: "digits-mlp" },
      variant: "bn",
      baseline: { slug: "pytorch-default" },
    });
    expect(tried.runs.map(({ number, seed }) => [number, seed])).toEqual([
      [1, 0],
      [2, 1],
      [3, 2],
    ]);

    const trajectories = await db.trajectory.findMany({
      where: { variant: "bn", visibility: "public" },
      orderBy: { number: "asc" },
    });
    for (const [index, { id }] of trajectories.entries()) {
      await catchUp(id, { db, store, scorer });
      for (const [side, slug] of [
        ["policy", "dmbn"],
        ["baseline", "pytorch-default"],
      ] as const) {
        const { accuracy, sensitivity, specificity, fScore, nll, ece, esm } = await db.score.findFirstOrThrow({
          where: { trajectoryId: id, policy: { slug } },
        });
        expect(tried.runs[index]![side]).toEqual({ accuracy, sensitivity, specificity, fScore, nll, ece, esm });
      }
    }
    expect((await kept()).rows).not.toEqual(before.rows); // what is stored is counted
  });

  it("pairs the policy with the default run by run", async () => {
    const { runs, mean, difference, verdict } = await scoresOf({
      document: { kind: "schedule", momentum: "0" },
      benchmark: "digits-mlp",
    });
    for (const run of runs) expect(run.difference).toBe(run.policy.accuracy - run.baseline.accuracy);
    expect(difference.n).toBe(publicRuns);
    expect(difference.mean).toBeCloseTo(mean.policy.accuracy - mean.baseline.accuracy, 12);
    expect(difference.interval!.low).toBeLessThan(difference.mean);
    expect(verdict).toBe("worse");
    const itself = await scoresOf({
      document: { kind: "schedule", momentum: "0.9" },
      benchmark: "digits-mlp",
      variant: "bn-bfn",
    });
    expect(itself).toMatchObject({ variant: "bn-bfn", difference: { mean: 0, pValue: 1 }, verdict: "tie" });
  });

  it("refuses a document with the fields of a submission, and says what to do where it can't be scored", async () => {
    for (const [body, status, issue] of [
      [{ document: { kind: "schedule", momentum: "1.5" } }, 422, { field: "document.momentum" }],
      [{ document: { kind: "schedule", momentum: "step / 300" } }, 422, { field: "document.momentum" }],
      [{ document: { kind: "none" } }, 422, { field: "document.kind" }],
      [{ document: dmbn, variant: "none" }, 422, { field: "variant" }],
      [{ document: dmbn, benchmark: "no-such" }, 422, { field: "benchmark" }],
      [{ document: dmbn, benchmark: "digits-cnn" }, 409, { remedy: /^Choose one of these, or submit/ }],
      [{ document: dmbn, benchmark: "fashion-mnist-cnn" }, 409, { remedy: /submit the policy to/ }],
    ] as const) {
      const response = await send({ benchmark: "digits-mlp", ...body });
      expect(response.status).toBe(status);
      const { errors } = (await response.json()) as { errors: Record<string, string>[] };
      for (const [field, expected] of Object.entries(issue)) expect(errors[0]![field]).toMatch(expected);
      expect(errors[0]!.remedy).toMatch(/\.$|--benchmark/);
    }
  });

  it("is open to pages of other sites, and to each address only so often", async () => {
    const preflight = OPTIONS();
    expect([preflight.status, preflight.headers.get("access-control-allow-methods")]).toEqual([204, "POST"]);
    expect(preflight.headers.get("access-control-allow-headers")).toContain("Content-Type");
    const from = { origin: "https://elsewhere.example", "sec-fetch-site": "cross-site" };
    const body = { document: { kind: "schedule", momentum: "0.9" }, benchmark: "digits-mlp" };
    expect((await send(body, from)).status).toBe(200);
    const { db } = installation();
    await db.$executeRaw`UPDATE allowance SET due = now() + interval '1 day' WHERE key = 'score/address/127.0.0.1'`;
    const refused = await send(body, from);
    expect(refused.status).toBe(429);
    expect(Number(refused.headers.get("retry-after"))).toBeGreaterThan(0);
  });

  it("stops with the request", async () => {
    const request = new Request("http://site/api/v1/score", {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ document: dmbn, benchmark: "digits-mlp" }),
      signal: AbortSignal.abort(),
    });
    expect((await POST.handle(request)).status).toBe(499);
  });
});
