/**
 * The API's own description, run against the real server: every operation with every documented status, every response
 * checked against its schema, and every operation called by everyone who may and may not.
 */
import { spawn, spawnSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { expect, test } from "@playwright/test";
import { Ajv2020 } from "ajv/dist/2020.js";
import addFormats from "ajv-formats";
import type { Document, Operation } from "@/app/api/openapi";
import { encodeSafetensors } from "@/lib/records/safetensors";
import { aMeasurement } from "../leaderboard/a-measurement";
import type { TestData } from "../leaderboard/a-submission";
import { aSubmission } from "../leaderboard/a-submission";
import { anExternal } from "../leaderboard/an-external";
import { digits } from "../support/digits";
import { claimMaintainer, signIn, signUp, trySignIn } from "../support/sign-in";
import type { Site } from "../support/site";
import { startSite } from "../support/site";
import { placeOf } from "./places";

const root = fileURLToPath(new URL("../..", import.meta.url));
const { port, dataFolder } = placeOf("api");

const cronSecret = "the secret of a cron service";

/** Who makes a request; sets its headers. */
type Actor = "anonymous" | "cron" | "user" | "owner" | "maintainer" | "token with scope" | "token without scope";

interface RequestExample {
  /** Path parameters; those that aren't in the path go into the query. */
  parameters?: Record<string, string>;
  body?: unknown;
}

test.describe.configure({ mode: "serial" });
test.setTimeout(600_000); // thousands of requests, on a machine that may do other things

let site: Site;
let api: Document;
let dataset: TestData;
/** The session cookies of the accounts `ulla`, `olga` and `keeper`. */
let sessions: Record<"user" | "owner" | "maintainer", string>;
/** Scope → a token of the owner with only that scope; of the maintainer for `moderate`. */
let tokens: Record<string, string>;
/** A valid request of each operation; each call creates what it needs. */
let examples: Record<string, (actor: Actor) => Promise<RequestExample> | RequestExample>;
const seen = new Map<string, Set<number>>();

test.beforeAll(async () => {
  site = await startSite(port, dataFolder, {
    DMBENCH_MAINTAINERS: "keeper,leaver",
    CRON_SECRET: cronSecret,
    DMBENCH_DUMPS: "nightly",
    GITHUB_CLIENT_ID: "id",
    GITHUB_CLIENT_SECRET: "secret",
  });
  for (const name of ["ulla", "olga"]) await signUp(site.address, name);
  api = (await (await fetch(`${site.address}/api/v1/openapi.json`)).json()) as Document;

  const { info, hash, subset, test: tested } = await digits();
  dataset = {
    slug: info.slug,
    version: info.version,
    subset,
    hash,
    classes: info.classes.length,
    testLabels: tested.labels,
  };
  const [user, owner, maintainer] = await Promise.all(
    ["ulla", "olga", "keeper"].map((name) => signIn(site.address, name)),
  );
  sessions = { user: user!, owner: owner!, maintainer: maintainer! };
  await claimMaintainer(site, "keeper", sessions.maintainer);
  tokens = {};
  for (const scope of ["read", "submit:runs", "submit:policies", "flag", "moderate"]) {
    tokens[scope] = (
      await json(
        await make(
          "post-tokens",
          { body: { name: scope, scopes: [scope] } },
          scope === "moderate" ? "maintainer" : "owner",
        ),
      )
    ).token as string;
  }

  const ticket = async () => {
    const asked = { parameters: { slug: "digits-mlp" }, body: { another: true } };
    const { id, seed } = await json(await make("post-benchmarks-slug-tickets", asked, "anonymous"));
    return { ticket: String(id), seed: Number(seed) };
  };
  const run = async () =>
    String((await json(await make("post-runs", { body: aSubmission({ dataset, ...(await ticket()) }) }))).id);
  const flagged = async () => {
    const id = await run();
    return String(
      (await json(await make("post-flags", { body: { subject: "run", id, reason: "Too good to be true." } }, "user")))
        .id,
    );
  };
  const measured = async () => {
    const body = { idempotencyKey: `a-measurement-${next++}`, measurement: aMeasurement() };
    return String((await json(await make("post-measurements", { body }, "anonymous"))).id);
  };
  const brought = async () =>
    String((await json(await make("post-external", { body: anExternal({ dataset }) }, "owner"))).id);
  const [first, second, flag] = [await run(), await run(), await flagged()];
  const { trajectories } = (await json(await fetch(`${site.address}/api/v1/trajectories`))) as {
    trajectories: { url: string | null }[];
  };
  const hash64 = trajectories
    .find(({ url }) => url)!
    .url!.split("/")
    .at(-1)!;
  await expect.poll(async () => (await json(await fetch(`${site.address}/api/v1/dumps`))).dumps).not.toEqual([]);
  const { dumps } = (await json(await fetch(`${site.address}/api/v1/dumps`))) as { dumps: { date: string }[] };
  let policies = 0;
  examples = {
    "get-leaderboard": () => ({ parameters: { board: "digits-mlp", sort: "worst" } }),
    "get-benchmarks": () => ({}),
    "get-benchmarks-slug": () => ({ parameters: { slug: "digits-mlp", division: "open" } }),
    "get-benchmarks-slug-export": () => ({ parameters: { slug: "digits-mlp", division: "open", format: "csv" } }),
    "get-benchmarks-slug-badge.svg": () => ({
      parameters: { slug: "digits-mlp", division: "open", method: "bn/pytorch-default" },
    }),
    "get-benchmarks-slug-feed.xml": () => ({ parameters: { slug: "digits-mlp", division: "open" } }),
    "get-policies-feed.xml": () => ({}),
    "get-log-feed.xml": () => ({}),
    "get-oembed": () => ({ parameters: { url: `${site.address}/policies/dmbn`, maxwidth: "400" } }),
    "get-benchmarks-slug-citation": () => ({ parameters: { slug: "digits-mlp", format: "bibtex" } }),
    "get-benchmarks-slug-croissant": () => ({ parameters: { slug: "digits-mlp" } }),
    "get-policies-slug-citation": () => ({ parameters: { slug: "dmbn", format: "bibtex" } }),
    "get-runs-id-citation": () => ({ parameters: { id: first, format: "bibtex" } }),
    "get-compare": () => ({
      parameters: { benchmark: "digits-mlp", division: "open", methods: "bn/pytorch-default,bn/keras-default" },
    }),
    "get-policies": () => ({}),
    "post-policies": () => ({
      body: {
        document: { kind: "schedule", momentum: `0.9${++policies}` },
        name: `Policy ${policies}`,
        benchmarks: ["digits-mlp"],
      },
    }),
    "post-score": () => ({
      body: { document: { kind: "schedule", momentum: "0.95" }, benchmark: "digits-mlp" },
    }),
    "get-policies-slug": () => ({ parameters: { slug: "dmbn" } }),
    "get-health": () => ({}),
    "get-ready": () => ({}),
    "get-scoring": () => ({}),
    "get-work": () => ({ parameters: { seconds: "1" } }),
    "get-recording": () => ({}),
    "post-recording": () => ({ body: { state: "resumed", reason: "The lecture is over." } }),
    "get-runs": () => ({ parameters: { take: "1" } }),
    "post-benchmarks-slug-tickets": () => ({ parameters: { slug: "digits-mlp" }, body: {} }),
    "post-runs": () => ({ body: aSubmission({ dataset, seed: next++ }) }),
    "get-runs-compare": () => ({ parameters: { runs: `${first},${second}` } }),
    "get-runs-id": () => ({ parameters: { id: first } }),
    "get-runs-id-predictions": () => ({ parameters: { id: first } }),
    "post-runs-id-weights": () => ({ parameters: { id: first }, body: { sha256: "0".repeat(64), bytes: 1000 } }),
    "put-runs-id-weights": () => ({ parameters: { id: first }, body: "no weights" }),
    "get-external": () => ({ parameters: { dataset: "digits", take: "1" } }),
    "post-external": () => ({ body: anExternal({ dataset }) }),
    "get-external-id": async () => ({ parameters: { id: await brought() } }),
    "delete-external-id": async () => ({ parameters: { id: await brought() } }),
    "get-measurements": () => ({ parameters: { take: "1" } }),
    "post-measurements": () => ({
      body: { idempotencyKey: `a-measurement-${next++}`, measurement: aMeasurement() },
    }),
    "get-measurements-medians": () => ({ parameters: { network: "mlp", sort: "n" } }),
    "get-measurements-id": async () => ({ parameters: { id: await measured() } }),
    "delete-measurements-id": async () => ({
      parameters: { id: await measured() },
      body: { reason: "The clock stood still." },
    }),
    "get-datasets": () => ({}),
    "get-datasets-slug-croissant": () => ({ parameters: { slug: "digits" } }),
    "get-datasets-slug-file": () => ({ parameters: { slug: "digits", file: "digits.csv.gz" } }),
    "get-datasets-slug-examples-index": () => ({ parameters: { slug: "digits", index: "0" } }),
    "get-dumps": () => ({}),
    "get-dumps-date-file": () => ({ parameters: { date: dumps[0]!.date, file: "run.parquet" } }),
    "get-search": () => ({ parameters: { q: "dmbn" } }),
    "get-trajectories": () => ({ parameters: { benchmark: "digits-mlp" } }),
    "get-trajectories-hash": () => ({ parameters: { hash: hash64 } }),
    "get-account": () => ({}),
    "post-account": () => ({ body: { name: `person-${next++}`, password: "correct horse battery" } }),
    "post-account-password": () => ({ body: { current: "not the password", password: "another fine horse" } }),
    "post-account-maintainer": () => ({ body: { code: "0123-4567-89ab-cdef-0123" } }),
    "post-account-providers-provider": () => ({ parameters: { provider: "github" } }),
    "delete-account-providers-provider": () => ({ parameters: { provider: "github" } }),
    "delete-account-sessions": () => ({}),
    "delete-account": () => ({ body: { name: "not my name" } }),
    "get-tokens": () => ({}),
    "post-tokens": () => ({ body: { name: "another", scopes: ["read"] } }),
    "delete-tokens-id": async () => ({
      parameters: {
        id: String((await json(await make("post-tokens", { body: { name: "brief", scopes: ["read"] } }))).id),
      },
    }),
    "get-notices": () => ({ parameters: { take: "5" } }),
    "post-notices-read": () => ({ body: { until: new Date().toISOString() } }),
    "post-notices-settings": () => ({ body: { wanted: ["audited", "decided"] } }),
    "get-users-name": () => ({ parameters: { name: "olga" } }),
    "get-flags": () => ({}),
    "post-flags": async () => ({ body: { subject: "run", id: await run(), reason: "Too good to be true." } }),
    "get-flags-id": () => ({ parameters: { id: flag } }),
    "get-flags-id-evidence": () => ({ parameters: { id: flag } }),
    "post-flags-id-reply": () => ({ parameters: { id: flag }, body: { reply: "It is the seed, look." } }),
    "post-flags-id-appeal": () => ({ parameters: { id: flag }, body: { appeal: "The seed explains it." } }),
    "post-flags-id-decision": async () => ({
      parameters: { id: await flagged() },
      body: { state: "dismissed", reason: "The seed explains it." },
    }),
    "get-log": () => ({ parameters: { take: "2" } }),
  };
});
test.afterAll(() => site.stop());

let next = 1000;

test("has an example of every operation", () => {
  expect(Object.keys(examples).sort()).toEqual(
    operations()
      .map(({ operation }) => operation.operationId)
      .sort(),
  );
});

test("lets everyone do what the description says, and nothing more", async () => {
  const actors: Actor[] = [
    "anonymous",
    "cron",
    "user",
    "owner",
    "maintainer",
    "token with scope",
    "token without scope",
  ];
  for (const { operation } of operations()) {
    for (const actor of actors) {
      const response = await make(operation.operationId, await examples[operation.operationId]!(actor), actor);
      expect
        .soft(outcome(response.status), `${operation.operationId} as ${actor}: ${response.status}`)
        .toBe(expected(operation, actor));
      if (operation.operationId === "delete-account-sessions") await signInAgain();
    }
  }
});

/** New sessions for those who have signed out everywhere. */
async function signInAgain(): Promise<void> {
  for (const [actor, name] of [
    ["user", "ulla"],
    ["owner", "olga"],
    ["maintainer", "keeper"],
  ] as const) {
    const answer = await fetch(`${site.address}/api/v1/account`, { headers: { cookie: sessions[actor] } });
    if (answer.status === 401) sessions[actor] = await signIn(site.address, name);
  }
}

test("a maintainer pauses recording and resumes it, for everybody to see", async () => {
  const decide = (state: string, reason: string) => make("post-recording", { body: { state, reason } }, "maintainer");
  const paused = async () => (await json(await make("get-recording", {}, "anonymous"))).paused;
  expect(await paused()).toBeNull();
  expect((await decide("paused", "A lecture needs the machine.")).status).toBe(204);
  expect(await paused()).toMatchObject({ by: "keeper", reason: "A lecture needs the machine." });
  expect(await (await fetch(`${site.address}/status`)).text()).toContain("A lecture needs the machine.");
  expect((await decide("resumed", "It is over.")).status).toBe(204);
  expect(await paused()).toBeNull();
  const { log } = (await json(await make("get-log", { parameters: { subject: "recording" } }))) as { log: object[] };
  expect(log.slice(0, 2)).toMatchObject([
    { action: "recording.resumed", actor: "keeper" },
    { action: "recording.paused", actor: "keeper" },
  ]);
});

test("a name in the settings makes nobody a maintainer, nor a code that was used", async () => {
  const [, code] = /DMBENCH_MAINTAINERS: keeper .*: ([0-9a-f-]+)\n/.exec(site.printed())!;
  expect((await make("post-account-maintainer", { body: { code } }, "maintainer")).status).toBe(422);
  expect((await make("post-account-maintainer", { body: { code } }, "user")).status).toBe(422);
  expect(await json(await make("get-account", {}, "user"))).toMatchObject({ role: "user" });
});

test("a copied cookie is worth nothing after sign-out, a new password, or signing out everywhere", async () => {
  const name = "visitor";
  await signUp(site.address, name);
  const sessionOf = () => signIn(site.address, name);
  const status = async (cookie: string) => (await make("get-account", {}, { cookie })).status;

  const [here, there] = [await sessionOf(), await sessionOf()];
  const csrf = await fetch(`${site.address}/api/auth/csrf`, { headers: { cookie: here } });
  const { csrfToken } = (await csrf.json()) as { csrfToken: string };
  const csrfCookie = csrf.headers.getSetCookie().map((cookie) => cookie.split(";")[0]);
  await fetch(`${site.address}/api/auth/signout`, {
    method: "POST",
    headers: { cookie: [here, ...csrfCookie].join("; ") },
    body: new URLSearchParams({ csrfToken, json: "true" }),
  });
  expect([await status(here), await status(there)]).toEqual([401, 200]);

  const another = await sessionOf();
  const password = { current: "correct horse battery", password: "another fine horse" };
  expect((await make("post-account-password", { body: password }, { cookie: another })).status).toBe(204);
  expect([await status(another), await status(there)]).toEqual([200, 401]);
  expect((await trySignIn(site.address, name, password.current)).answer.status).toBe(401);
  expect((await trySignIn(site.address, name, password.password)).answer.status).toBe(200);

  expect((await make("delete-account-sessions", {}, { cookie: another })).status).toBe(204);
  expect(await status(another)).toBe(401);
});

test("a write that names another account is refused, and nothing is stored", async () => {
  const body = aSubmission({ dataset, seed: next++ });
  const refused = await make("post-runs", { body }, "user", { "x-dmbench-account": "olga" });
  expect(refused.status).toBe(409);
  expect(await json(refused)).toMatchObject({
    type: "urn:dmbench:problem:other-account",
    errors: [{ field: "x-dmbench-account", expected: "ulla, who is signed in", found: "olga" }],
  });
  const stored = await make("post-runs", { body }, "user", { "x-dmbench-account": "ulla" });
  expect(stored.status).toBe(201);
});

test("a measurement goes with the account whose session published it, and says nothing of it before", async () => {
  await signUp(site.address, "measurer");
  const cookie = await signIn(site.address, "measurer");
  const body = { idempotencyKey: `a-measurement-${next++}`, measurement: aMeasurement() };
  const { id } = await json(await make("post-measurements", { body }, { cookie }));
  const read = () => make("get-measurements-id", { parameters: { id: String(id) } }, "anonymous");
  expect(await (await read()).text()).not.toContain("measurer");
  expect((await make("delete-account", { body: { name: "measurer" } }, { cookie })).status).toBe(204);
  expect((await read()).status).toBe(404);
});

test("refuses a body of unknown length that is too long, and keeps its connection for the next request", async () => {
  const headers = { cookie: sessions.owner, "content-type": "application/json" };
  const send = (body: BodyInit) =>
    fetch(`${site.address}/api/v1/tokens`, { method: "POST", headers, body, duplex: "half" } as RequestInit);
  for (let round = 0; round < 5; round += 1) {
    expect((await send(new Blob([" ".repeat(1_000_000)]).stream())).status).toBe(413);
    expect((await send("{")).status).toBe(400);
  }
});

/** `open`: done, or refused for what was sent rather than for who sent it. */
const outcome = (status: number) =>
  status === 401 ? "who are you" : status === 403 ? "not you" : status === 404 ? "nothing there" : "open";

function expected(operation: Operation, actor: Actor): ReturnType<typeof outcome> {
  const { "x-access": access, "x-scope": scope } = operation;
  if (access === "cron" || actor === "cron") return access === actor ? "open" : "who are you"; // to others a wrong token
  if (access === "anyone") return "open";
  if (actor === "anonymous") return "who are you";
  if (actor.startsWith("token") && (scope === null || actor === "token without scope")) return "not you";
  if (access === "maintainer") return actor === "maintainer" || actor === "token with scope" ? "open" : "not you";
  if (access === "user" || actor === "owner" || actor === "token with scope") return "open";
  // A flag is also readable by the user who raised it and by maintainers; other things of an owner don't exist for
  // others.
  return operation.operationId === "get-flags-id" ? "open" : "nothing there";
}

test("the command stores its token readable by its owner only, publishes, submits, shows and exports", async () => {
  const home = join(dataFolder, "home");
  rmSync(home, { recursive: true, force: true });
  const { record, predictions } = aSubmission({ dataset, seed: next++ });
  mkdirSync(join(home, "run"), { recursive: true });
  writeFileSync(join(home, "run/record.json"), JSON.stringify(record));
  writeFileSync(
    join(home, "run/predictions.safetensors"),
    encodeSafetensors(
      Object.entries(predictions).map(([name, base64]) => ({
        name,
        shape: [dataset.testLabels.length],
        values: new Uint8Array(Buffer.from(base64, "base64")),
      })),
    ),
  );
  const dmbench = (argv: string[], env: Record<string, string> = {}) =>
    command(argv, { XDG_CONFIG_HOME: home, ...env });

  expect(await dmbench(["submit", "run", join(home, "run")])).toMatchObject({
    code: 2,
    err: expect.stringContaining("not logged in"),
  });
  const { token } = await json(
    await make(
      "post-tokens",
      { body: { name: "command", scopes: ["read", "submit:runs", "submit:policies"] } },
      "user",
    ),
  );
  expect(await dmbench(["login", "--site", site.address], { DMBENCH_TOKEN: `dmb_${"x".repeat(43)}` })).toMatchObject({
    code: 1,
    err: expect.stringContaining("unknown or revoked"),
  });
  expect(await dmbench(["login", "--site", site.address], { DMBENCH_TOKEN: String(token) })).toMatchObject({
    code: 0,
    out: expect.stringContaining("as ulla"),
  });
  expect(statSync(join(home, "dmbench/credentials.json")).mode & 0o777).toBe(0o600);

  const published = await dmbench(["submit", "run", join(home, "run")]);
  expect(published).toMatchObject({ code: 0, out: expect.stringContaining("Published: ") });
  const id = published.out.trim().split("/").at(-1)!;
  expect(await json(await make("get-runs-id", { parameters: { id } }, "anonymous"))).toMatchObject({
    user: "ulla",
    seed: record.manifest.seed,
  });
  expect((await dmbench(["submit", "run", join(home, "run")])).out).toBe(
    published.out.replace("Published:", "Published before:"),
  );
  writeFileSync(
    join(home, "run/record.json"),
    JSON.stringify({ ...record, scores: record.scores.map((score) => ({ ...score, accuracy: 0.5 })) }),
  );
  expect(await dmbench(["submit", "run", join(home, "run")])).toMatchObject({
    code: 1,
    err: expect.stringContaining("record.scores[0].accuracy: expected"),
  });

  expect(
    await dmbench([
      "submit",
      "policy",
      "min(0.97, 1 - 1/step)",
      "--name",
      "By the command",
      "--benchmarks",
      "digits-mlp",
    ]),
  ).toMatchObject({ code: 0, out: expect.stringMatching(/Submitted: .*\/policies\/by-the-command/) });
  expect(await dmbench(["board", "digits-mlp", "--division", "open"])).toMatchObject({
    code: 0,
    out: expect.stringContaining("bn/pytorch-default"),
  });
  const csv = await dmbench(["export", "digits-mlp", "--view", "division=open"]);
  expect(csv.out.trim().split("\n").length).toBeGreaterThan(2);
  expect(csv.out).toBe(
    await (await fetch(`${site.address}/api/v1/benchmarks/digits-mlp/export?division=open&format=csv`)).text(),
  );
  expect(await dmbench(["board", "no-such"])).toMatchObject({
    code: 1,
    err: expect.stringContaining("There is no benchmark"),
  });
});

test("refuses in every parameter, by its name, what no text may hold", async () => {
  for (const { operation } of operations()) {
    const { operationId, "x-access": access } = operation;
    const parameters = operation.parameters.filter((parameter) => parameter.in !== "header"); // no client can send it
    if (parameters.length === 0) continue;
    const good = await examples[operationId]!("owner");
    for (const parameter of parameters)
      for (const text of ["\0", "a\u202eb", "\u200b", "\ufffe", "x".repeat(3000)]) {
        const response = await make(
          operationId,
          { ...good, parameters: { ...good.parameters, [parameter.name]: text } },
          access === "maintainer" || access === "cron" ? access : "owner",
          { accept: "application/json" }, // a badge would be a picture
        );
        const what = `${operationId} ${parameter.name}=${JSON.stringify(text.slice(0, 9))}`;
        expect.soft(response.status, what).toBe(parameter.in === "path" ? 404 : 422);
        if (response.status !== 422) continue;
        const { errors } = (await json(response)) as { errors: { field: string }[] };
        expect.soft(errors[0]?.field, what).toMatch(new RegExp(`^${parameter.name}\\b`));
      }
  }
});

test("refuses in a body, by its field, what could be neither stored nor shown", async () => {
  const run = aSubmission({ dataset, seed: next++ });
  const { manifest } = run.record;
  const withBackend = (change: object) => ({
    ...run,
    record: { ...run.record, manifest: { ...manifest, backend: { ...manifest.backend, ...change } } },
  });
  const policy = { document: { kind: "schedule", momentum: "0.912345" }, name: "A name" };
  for (const text of ["a\0b", "a\x07b", "\ud800", "a\u202eb", "\u200b", "a\ufffeb"])
    for (const [operationId, body, field] of [
      ["post-runs", withBackend({ adapter: text }), "record.manifest.backend.adapter"],
      ["post-runs", withBackend({ reason: text }), "record.manifest.backend.reason"],
      ["post-policies", { ...policy, name: text }, "name"],
      ["post-policies", { ...policy, description: text }, "description"],
      ["post-policies", { ...policy, reference: { title: text } }, "reference.title"],
      ["post-policies", { ...policy, forkOf: text }, "forkOf"],
      ["post-tokens", { name: text, scopes: ["read"] }, "name"],
      ["post-flags", { subject: "policy", id: "dmbn", reason: `It is wrong ${text}` }, "reason"],
      ["post-account", { name: text, password: "correct horse battery" }, "name"],
    ] as const) {
      if (text === "\u200b" && field === "reason" && operationId === "post-flags") continue; // visible with the words before
      const response = await make(operationId, { body }, operationId === "post-account" ? "anonymous" : "user");
      expect.soft(response.status, `${operationId} ${field} ${JSON.stringify(text.slice(0, 9))}`).toBe(422);
      const { errors } = (await json(response)) as { errors: { field: string; remedy: string }[] };
      expect.soft(errors[0], operationId).toMatchObject({ field, remedy: expect.stringMatching(/\.$/) });
    }
});

test("paginates a list, each item once", async () => {
  const ids: string[] = [];
  for (let address: string | null = "/api/v1/runs?take=3"; address; ) {
    const page = await json(await fetch(site.address + address));
    ids.push(...(page.runs as { id: string }[]).map(({ id }) => id));
    address = page.next as string | null;
  }
  const allRuns = (await json(await fetch(`${site.address}/api/v1/runs?take=100`))).runs as { id: string }[];
  expect(ids.length).toBeGreaterThan(3);
  expect(new Set(ids).size).toBe(ids.length);
  expect(ids.slice(0, 100)).toEqual(allRuns.map(({ id }) => id));
});

test("returns problems for unknown paths and methods too, and lists the methods that exist", async () => {
  for (const [path, method, status] of [
    ["/api/nothing", "GET", 404],
    ["/api/v1/boards/none", "POST", 404],
    ["/api/v1/runs", "PUT", 405],
    ["/api/v1/benchmarks/digits-mlp", "DELETE", 405],
  ] as const) {
    const answer = await fetch(`${site.address}${path}`, { method });
    expect([path, answer.status, answer.headers.get("content-type")]).toEqual([
      path,
      status,
      "application/problem+json",
    ]);
    expect(await json(answer)).toMatchObject({ status });
    if (status === 405)
      expect(answer.headers.get("allow")).toBe(
        path.endsWith("runs") ? "GET, POST, HEAD, OPTIONS" : "GET, HEAD, OPTIONS",
      );
  }
});

test("reveals no held-out seed and serves no held-out file", async () => {
  const recorded = async () =>
    (
      (await json(await fetch(`${site.address}/api/v1/trajectories`))).trajectories as {
        visibility: string;
        sha256: string | null;
        commitment: string;
        commitmentKey: string | null;
        seed: number | null;
        url: string | null;
      }[]
    ).filter(({ visibility }) => visibility === "held-out");
  const heldOut = await recorded();
  expect(heldOut).toHaveLength(20);
  for (const { sha256, commitment, commitmentKey, seed, url } of heldOut) {
    expect([sha256, commitmentKey, seed, url]).toEqual([null, null, null, null]);
    expect((await fetch(`${site.address}/api/v1/trajectories/${commitment}`)).status).toBe(404);
  }
});

test("throttles password guessing from any address; session cookies are HttpOnly and Lax", async () => {
  await signUp(site.address, "target");
  const statuses: number[] = [];
  for (let attempt = 0; attempt < 12; attempt += 1) {
    const { answer } = await trySignIn(site.address, "target", `guess ${attempt}`, {
      "x-forwarded-for": `198.51.100.${attempt}`,
      "x-dmbench-peer": `198.51.100.${attempt}`,
    });
    statuses.push(answer.status);
    if (answer.status === 429) expect(Number(answer.headers.get("retry-after"))).toBeGreaterThan(0);
  }
  expect(statuses).toEqual([...Array<number>(10).fill(401), 429, 429]);
  const { cookies } = await trySignIn(site.address, "ulla", "correct horse battery");
  const session = cookies.find((cookie) => cookie.includes("session-token"))!;
  expect(session).toMatch(/HttpOnly/i);
  expect(session).toMatch(/SameSite=Lax/i);
});

test("serves each page under a strict policy with its own nonce, and no script without it", async () => {
  const nonces = new Set<string>();
  for (const path of ["/", "/leaderboard/digits-mlp", "/train", "/docs/api", "/log", "/no/such/page"]) {
    const response = await fetch(site.address + path);
    const policy = response.headers.get("content-security-policy")!;
    const nonce = /'nonce-([^']+)'/.exec(policy)?.[1] ?? "";
    expect(policy).not.toMatch(/script-src[^;]*('unsafe-inline'|'unsafe-eval'|https?:)/);
    for (const part of ["object-src 'none'", "base-uri 'none'", "frame-ancestors 'none'"])
      expect(policy).toContain(part);
    expect(response.headers.get("x-content-type-options")).toBe("nosniff");
    expect(response.headers.get("cross-origin-embedder-policy")).toBe("credentialless");
    const html = await response.text();
    for (const [script] of html.matchAll(/<script\b[^>]*>/g)) expect(script).toContain(`nonce="${nonce}"`);
    expect(html).not.toMatch(/<[a-z][^>]*\son[a-z]+\s*=\s*["']/i);
    nonces.add(nonce);
  }
  expect(nonces.size).toBe(6);
});

test("ships no secret and no server code to browsers", () => {
  const secret = readFileSync(join(dataFolder, "session-secret"), "utf8").trim();
  const forbidden = [
    secret,
    "NEXTAUTH_SECRET",
    "GITHUB_CLIENT_SECRET",
    "OIDC_CLIENT_SECRET",
    "DATABASE_URL",
    "DMBENCH_MAINTAINERS",
    "scrypt$",
    "passwordHash",
    "SELECT pg_advisory",
    "prisma/generated",
  ];
  const chunks = readdirSync(join(root, ".next/static"), { recursive: true, encoding: "utf8" }).filter((file) =>
    /\.(js|css|json)$/.test(file),
  );
  expect(chunks.length).toBeGreaterThan(10);
  for (const file of chunks) {
    const text = readFileSync(join(root, ".next/static", file), "utf8");
    expect(
      forbidden.filter((word) => text.includes(word)),
      file,
    ).toEqual([]);
  }
});

test("returns every documented status of every operation, each as its schema says", async () => {
  const requested = new Map<string, RequestExample>();
  for (const { method, operation } of operations()) {
    const { operationId, responses } = operation;
    const good = await examples[operationId]!("owner");
    requested.set(operationId, good);
    const actor: Actor =
      operation["x-access"] === "maintainer" || operation["x-access"] === "cron"
        ? operation["x-access"]
        : operationId === "post-account-maintainer"
          ? "user" // the owner has used up the guesses at secrets, with passwords
          : "owner";
    const etag = (await make(operationId, good, actor)).headers.get("etag");
    if (etag) expect((await make(operationId, good, actor, { "if-none-match": etag })).status, operationId).toBe(304);
    if (operationId === "delete-account-sessions") await signInAgain();
    // From here on each request is refused before it is fully validated.
    await make(operationId, good, { authorization: "Bearer dmb_unknown" });
    if ("403" in responses) await make(operationId, good, actor, { origin: "https://elsewhere.example" });
    if (method !== "GET" && operation["x-access"] !== "anyone")
      expect((await make(operationId, good, actor, { "x-dmbench-account": "somebody" })).status, operationId).toBe(409);
    if ("422" in responses)
      await make(
        operationId,
        method === "GET" ? { parameters: { ...good.parameters, nothingOfThisName: "1" } } : { ...good, body: {} },
        actor,
      );
    if (operation.requestBody) {
      await make(operationId, { ...good, body: "{" }, actor);
      await make(operationId, { ...good, body: " ".repeat(operation["x-body-limit"]! + 1) }, actor);
      await make(operationId, good, actor, { "content-type": "text/plain" });
    }
    if (method === "GET" && "404" in responses) await make(operationId, missing(operationId, good), actor);
  }
  const nowhere = "00000000-0000-7000-8000-000000000000";
  const flagBody = { reply: "It is the seed, look.", state: "upheld", reason: "The seed does not explain it." };
  await make("delete-tokens-id", { parameters: { id: nowhere } }, "owner");
  await make(
    "delete-measurements-id",
    { parameters: { id: nowhere }, body: { reason: flagBody.reason } },
    "maintainer",
  );
  for (const id of ["get-external-id", "delete-external-id"]) await make(id, { parameters: { id: nowhere } }, "owner");
  await make("post-flags-id-reply", { parameters: { id: nowhere }, body: { reply: flagBody.reply } }, "owner");
  await make("post-flags-id-appeal", { parameters: { id: nowhere }, body: { appeal: flagBody.reply } }, "owner");
  await make(
    "post-flags-id-decision",
    { parameters: { id: nowhere }, body: { state: "upheld", reason: flagBody.reason } },
    "maintainer",
  );

  // Sent twice, sent with other content, and sent by another user.
  const run = { body: aSubmission({ dataset, seed: next++ }) };
  for (const body of [run.body, run.body, aSubmission({ dataset, seed: next++, key: run.body.idempotencyKey })])
    await make("post-runs", { body }, "owner");
  await signUp(site.address, "collector");
  const collector = await signIn(site.address, "collector");
  const ticket = (slug: string, body: object) =>
    make("post-benchmarks-slug-tickets", { parameters: { slug }, body }, { cookie: collector });
  await ticket("no-such", {});
  await ticket("digits-mlp", { another: "yes" });
  for (let held = 0; held <= 20; held += 1) await ticket("digits-cnn", { another: true });
  const record = anExternal({ dataset });
  const otherRecord = anExternal({ dataset: null, key: record.idempotencyKey });
  const answers = [];
  for (const body of [record, record, otherRecord])
    answers.push(await make("post-external", { body }, { cookie: collector }));
  const taken = { parameters: { id: String((await json(answers[0]!)).id) } };
  await make("delete-external-id", taken, { cookie: collector });
  await make("get-external-id", taken, "anonymous");
  const idempotencyKey = `a-measurement-${next++}`;
  for (const cores of [4, 4, 8])
    await make("post-measurements", { body: { idempotencyKey, measurement: aMeasurement({ cores }) } }, "owner");
  await make("get-oembed", { parameters: { url: site.address, format: "xml" } }, "anonymous");
  const tried = (await examples["post-score"]!("owner")).body as object;
  await make("post-score", { body: { ...tried, benchmark: "fashion-mnist-cnn" } }, "anonymous");
  const policy = await examples["post-policies"]!("owner");
  for (const _ of [1, 2]) await make("post-policies", policy, "owner");
  await make("post-account", { body: { name: "olga", password: "correct horse battery" } }, "anonymous");
  const flag = await examples["post-flags"]!("user");
  for (const _ of [1, 2]) await make("post-flags", flag, "user");
  for (let made = 0; made <= 20; made += 1)
    await make("post-tokens", { body: { name: `t${made}`, scopes: ["read"] } }, "maintainer");

  // Removed: a run, and a policy.
  const submitted = await json(await make("post-policies", await examples["post-policies"]!("owner"), "owner"));
  const { body: removedRun } = (await examples["post-flags"]!("user")) as { body: { id: string } };
  for (const [subject, id] of [
    ["run", removedRun.id],
    ["policy", String(submitted.slug)],
  ]) {
    const { id: flagged } = await json(
      await make("post-flags", { body: { subject, id, reason: "Too good to be true." } }, "user"),
    );
    await make(
      "post-flags-id-decision",
      { parameters: { id: String(flagged) }, body: { state: "upheld", reason: "It is not reproducible." } },
      "maintainer",
    );
    for (const _ of [1, 2])
      await make(
        "post-flags-id-appeal",
        { parameters: { id: String(flagged) }, body: { appeal: "It is reproducible." } },
        "owner",
      );
  }
  const gone = { parameters: { id: removedRun.id } };
  await make("get-runs-id", gone, "anonymous");
  await make("get-runs-id-predictions", gone, "anonymous");
  for (const parameters of [gone.parameters, { id: nowhere }]) {
    await make("post-runs-id-weights", { parameters, body: { sha256: "0".repeat(64), bytes: 1000 } }, "owner");
    await make("put-runs-id-weights", { parameters, body: "no weights" }, "owner");
  }
  await make("get-policies-slug", { parameters: { slug: String(submitted.slug) } }, "anonymous");
  const { document } = (
    await json(await make("get-flags-id-evidence", { parameters: { id: await lastFlag() } }, "maintainer"))
  ).policy as { document: unknown };
  await make("post-policies", { body: { document, name: "Once more" } }, "owner");

  // A claimed role, a new password and a deleted account; then exhausted rate limits.
  await signUp(site.address, "leaver");
  const leaver = await signIn(site.address, "leaver");
  const [, code] = /DMBENCH_MAINTAINERS: leaver .*: ([0-9a-f-]+)\n/.exec(site.printed())!;
  await make("post-account-maintainer", { body: { code } }, { cookie: leaver });
  const change = { current: "correct horse battery", password: "another fine horse" };
  await make("post-account-password", { body: change }, { cookie: leaver });
  await make("delete-account", { body: { name: "leaver" } }, { cookie: leaver });
  await site.stop();
  const exhausted = spawnSync(
    process.execPath,
    ["--import", "tsx", "--conditions=react-server", "tests/support/exhaust-rate-limits.ts"],
    { cwd: root, encoding: "utf8", env: { ...process.env, DMBENCH_DATA_DIR: dataFolder } },
  );
  expect(exhausted.status, exhausted.stderr).toBe(0);
  site = await startSite(port, dataFolder, { DMBENCH_MAINTAINERS: "keeper" });
  for (const { operation } of operations().filter(({ operation }) => "429" in operation.responses)) {
    await send(
      operation.operationId,
      requested.get(operation.operationId)!,
      operation["x-access"] === "anyone"
        ? "anonymous"
        : operation["x-access"] === "maintainer"
          ? "maintainer"
          : "owner",
    );
  }

  /** Statuses that need a damaged site, an empty or a slow one, or one with a bucket; tests/server covers them. */
  const elsewhere = new Set(["202", "503", "307"]);
  for (const { operation } of operations()) {
    const documented = Object.keys(operation.responses).filter((status) => !elsewhere.has(status));
    expect
      .soft(
        [...(seen.get(operation.operationId) ?? [])]
          .map(String)
          .filter((status) => !elsewhere.has(status))
          .sort(),
        operation.operationId,
      )
      .toEqual(documented.sort());
  }
});

test("restricts cookies to https if the site is on https", async () => {
  await site.stop();
  site = await startSite(port, dataFolder, { NEXTAUTH_URL: "https://dmbench.example" });
  const csrf = await fetch(`${site.address}/api/auth/csrf`, { headers: { "x-forwarded-proto": "https" } });
  for (const cookie of csrf.headers.getSetCookie()) expect(cookie).toMatch(/^__(Secure|Host)-.*Secure/);
  const page = await fetch(site.address, { headers: { "x-forwarded-proto": "https" } });
  expect(page.headers.get("strict-transport-security")).toContain("max-age");
});

/** Runs `dmbench` as people do, without a terminal. */
function command(
  argv: readonly string[],
  env: Record<string, string>,
): Promise<{ code: number | null; out: string; err: string }> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, ["--import", "tsx", join(root, "lib/cli/main.ts"), ...argv], {
      cwd: root,
      env: { ...process.env, DMBENCH_TOKEN: "", ...env },
      stdio: ["ignore", "pipe", "pipe"],
    });
    const output = { out: "", err: "" };
    child.stdout.on("data", (text: Buffer) => (output.out += text.toString()));
    child.stderr.on("data", (text: Buffer) => (output.err += text.toString()));
    child.on("close", (code) => resolve({ code, ...output }));
  });
}

function operations() {
  return Object.entries(api.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method: method.toUpperCase(), operation })),
  );
}

/** Sends a request of one operation, records its status, and checks the response against the description. */
/** Sends a request again where an account writes faster than it may, once a second: how fast is the machine's matter. */
async function make(...request: Parameters<typeof send>): Promise<Response> {
  const response = await send(...request);
  const wait = Number(response.headers.get("retry-after"));
  if (response.status !== 429 || wait > 5) return response;
  await sleep(1000 * wait);
  return make(...request);
}

async function send(
  operationId: string,
  { parameters = {}, body }: RequestExample,
  as: Actor | Record<string, string> = "owner",
  headers: Record<string, string> = {},
): Promise<Response> {
  const { path, method, operation } = operations().find((known) => known.operation.operationId === operationId)!;
  const left = { ...parameters };
  const filled = path.replace(/\{(\w+)\}/g, (_whole, name: string) => {
    const value = left[name] ?? "";
    delete left[name];
    return encodeURIComponent(value);
  });
  const query = Object.keys(left).length > 0 ? `?${new URLSearchParams(left)}` : "";
  const response = await fetch(`${site.address}${filled}${query}`, {
    method,
    headers: {
      ...(typeof as === "string" ? credentials(as, operation) : as),
      ...(operation.requestBody && { "content-type": Object.keys(operation.requestBody.content)[0]! }),
      ...headers,
    },
    ...(operation.requestBody && { body: typeof body === "string" ? body : JSON.stringify(body) }),
  });
  seen.set(operationId, (seen.get(operationId) ?? new Set()).add(response.status));
  await expectDocumented(operation, path, method, response.clone());
  return response;
}

function credentials(actor: Actor, { "x-scope": scope }: Operation): Record<string, string> {
  const bearer = (name: string) => ({ authorization: `Bearer ${tokens[name]}` });
  switch (actor) {
    case "anonymous":
      return {};
    case "cron":
      return { authorization: `Bearer ${cronSecret}` };
    case "token with scope":
      return bearer(scope ?? "read");
    case "token without scope":
      return bearer(scope === "flag" ? "read" : "flag");
    default:
      return { cookie: sessions[actor] };
  }
}

const ajv = new Ajv2020({ strict: false, allErrors: true });
addFormats.default(ajv);

/** Expects a documented response: status, media type, and JSON that matches its schema. */
async function expectDocumented(operation: Operation, path: string, method: string, response: Response): Promise<void> {
  const { operationId, responses } = operation;
  const what = `${operationId} ${response.status}`;
  const documented = responses[response.status];
  expect(
    documented,
    `${what} is not in the description: ${response.status >= 400 ? await response.clone().text() : ""}`,
  ).toBeDefined();
  const type = response.headers.get("content-type")?.split(";")[0] ?? "";
  if (!documented!.content) return expect(await response.text(), what).toBe("");
  expect(Object.keys(documented!.content), what).toContain(type);
  if (!type.endsWith("json")) return;
  if (!ajv.getSchema("api")) ajv.addSchema(api, "api");
  const escaped = [path, method.toLowerCase(), "responses", String(response.status), "content", type, "schema"].map(
    (part) => encodeURIComponent(part.replaceAll("~", "~0").replaceAll("/", "~1")),
  );
  const validate = ajv.getSchema(`api#/paths/${escaped.join("/")}`)!;
  const body: unknown = await response.json();
  expect(validate(body), `${what}: ${JSON.stringify(validate.errors?.slice(0, 3))}`).toBe(true);
  if (response.status === 429) expect(Number(response.headers.get("retry-after"))).toBeGreaterThan(0);
}

/** The same request for something that doesn't exist. */
function missing(operationId: string, { parameters = {} }: RequestExample): RequestExample {
  const nowhere: Record<string, string> = {
    slug: "no-such",
    benchmark: "no-such",
    board: "no-such",
    id: "00000000-0000-7000-8000-000000000000",
    runs: "00000000-0000-7000-8000-000000000000,00000000-0000-7000-8000-000000000001",
    hash: "0".repeat(64),
    date: "2020-01-01",
    name: "no-such",
    url: "https://elsewhere.example/",
  };
  const name = Object.keys(parameters).find((parameter) => parameter in nowhere) ?? operationId;
  return { parameters: { ...parameters, [name]: nowhere[name]! } };
}

const json = async (response: Response): Promise<Record<string, unknown>> =>
  (await response.json()) as Record<string, unknown>;

async function lastFlag(): Promise<string> {
  const { flags } = (await json(
    await make("get-flags", { parameters: { state: "upheld", take: "100" } }, "maintainer"),
  )) as unknown as { flags: { id: string }[] };
  return flags.at(-1)!.id;
}
