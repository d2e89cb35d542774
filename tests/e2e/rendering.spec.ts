/**
 * Whatever the API accepts, every page, picture, export and badge that shows it answers 200, soon and within a bounded
 * size: arbitrary runs, policies, accounts and flags are sent to a real site, and everything is read back.
 */
import { expect, test } from "@playwright/test";
import fc from "fast-check";
import { canonicalPolicy } from "@/lib/dmbn/policy";
import { boardCharts, exportFormatNames } from "@/lib/leaderboard";
import type { TestData } from "../leaderboard/a-submission";
import { aSubmission, digitsBenchmark } from "../leaderboard/a-submission";
import {
  bend,
  bent,
  fraction,
  measurement,
  place,
  policy,
  policyDescription,
  policyName,
  reason,
} from "../rendering/arbitrary";
import { digits } from "../support/digits";
import { signIn, signUp } from "../support/sign-in";
import type { Site } from "../support/site";
import { startSite } from "../support/site";
import { placeOf } from "./places";

const { port, dataFolder } = placeOf("rendering");

/** The largest response, in bytes, and the slowest, in milliseconds on a busy machine. */
const bounds = { bytes: 4_000_000, milliseconds: 20_000 };

test.setTimeout(900_000);

let site: Site;
test.beforeAll(async () => {
  site = await startSite(port, dataFolder);
});
test.afterAll(() => site.stop());

/** One value after another, repeated. */
function cycle<Value>(values: readonly Value[]): () => Value {
  let taken = 0;
  return () => values[taken++ % values.length]!;
}

test("what is accepted is shown everywhere", async () => {
  await signUp(site.address, "sender");
  const cookie = await signIn(site.address, "sender");
  const send = async (path: string, body: unknown) => {
    const response = await fetch(`${site.address}/api/v1/${path}`, {
      method: "POST",
      headers: { cookie, origin: site.address, "content-type": "application/json" },
      body: JSON.stringify(body),
    });
    const text = await response.text();
    expect(response.status, `${path}: ${text}`).toBeLessThan(500);
    // A reply is answered with 204, and nothing.
    return { accepted: response.ok, body: JSON.parse(text || "{}") as { slug: string; id: string } };
  };
  /** As somebody who isn't signed in: an account may write once a second. */
  const seedOfBoard = async () => {
    const response = await fetch(`${site.address}/api/v1/benchmarks/${digitsBenchmark.slug}/tickets`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: "{}",
    });
    return (await response.json()) as { id: string; seed: number };
  };
  const { info, hash, subset, test: examples } = await digits();
  const dataset: TestData = {
    slug: info.slug,
    version: info.version,
    subset,
    hash,
    classes: info.classes.length,
    testLabels: examples.labels,
  };

  const slugs: string[] = [];
  const submitted = fc.sample(fc.tuple(policy, policyName, policyDescription), 40);
  for (const [document, name, description] of submitted) {
    const sent = { document: JSON.parse(canonicalPolicy(document)), name, description, benchmarks: ["digits-mlp"] };
    const { accepted, body } = await send("policies", sent);
    if (accepted) slugs.push(body.slug);
  }
  expect(slugs.length).toBeGreaterThan(5);

  const ids: string[] = [];
  const numbers = fc.tuple(
    fc.array(measurement, { minLength: 1, maxLength: 30 }),
    fc.array(fraction, { minLength: 1, maxLength: 9 }),
    place,
    fc.boolean(),
    bend,
  );
  for (const [seed, [measurements, fractions, { adapter, reason: chosenBecause, platform }, ranked, change]] of fc
    .sample(numbers, 40)
    .entries()) {
    const asked = ranked ? await seedOfBoard() : null;
    const submission = aSubmission({
      dataset,
      policies: ["pytorch-default", "dmbn", "closed-form"],
      ...(asked ? { seed: asked.seed, ticket: asked.id } : { seed }),
    });
    const { record } = submission;
    const [next, share] = [cycle(measurements), cycle(fractions)];
    if (!ranked) record.benchmark = null;
    record.manifest.backend = { ...record.manifest.backend, adapter, reason: chosenBecause };
    record.manifest.software.platform = platform;
    for (const { esm } of record.scores)
      for (const layer of esm)
        Object.assign(layer, { mean: next(), std: next(), relativeMean: next(), relativeStd: next() });
    for (const point of record.curves.loss) point.value = next();
    for (const { points } of record.curves.shift) for (const point of points) point.value = next();
    for (const point of record.curves.validationAccuracy) point.value = Math.round(200 * share()) / 200;
    const sent = await send("runs", submission);
    expect(sent.accepted, JSON.stringify(sent.body)).toBe(true);
    ids.push(sent.body.id);
    const other = bent({ ...submission, idempotencyKey: crypto.randomUUID() }, change);
    const bentOne = await send("runs", other);
    if (bentOne.accepted) ids.push(bentOne.body.id);
  }
  const flags: string[] = [];
  for (const [index, [why, reply]] of fc.sample(fc.tuple(reason, reason), 10).entries()) {
    const { accepted, body } = await send("flags", { subject: "run", id: ids[index]!, reason: why });
    if (!accepted) continue;
    flags.push(body.id);
    await send(`flags/${body.id}/reply`, { reply });
  }
  expect(flags.length).toBeGreaterThan(5);

  const { slug: board } = digitsBenchmark;
  const boardApi = `/api/v1/benchmarks/${board}`;
  const paths = [
    "/",
    "/leaderboard",
    "/leaderboard/overview?division=open",
    "/policies",
    "/u/sender",
    "/log",
    "/api/v1/log",
    "/api/v1/runs?take=100",
    "/api/v1/policies",
    "/api/v1/users/sender",
    ...["open", "closed"].flatMap((division) => [
      `/leaderboard/${board}?division=${division}&seeds=each`,
      ...boardCharts.map((chart) => `/leaderboard/${board}?division=${division}&chart=${chart}`),
      ...exportFormatNames.map((format) => `${boardApi}/export?division=${division}&format=${format}`),
      `${boardApi}/badge.svg?division=${division}&method=bn/dmbn`,
    ]),
    `/leaderboard/${board}/opengraph-image`,
    `/compare?runs=${ids.slice(0, 4).join(",")}`,
    `/compare?benchmark=${board}&division=open&methods=bn/dmbn,bn/closed-form`,
    ...ids.flatMap((id) => [`/runs/${id}`, `/api/v1/runs/${id}`, `/api/v1/runs/${id}/citation`]),
    ...slugs.flatMap((slug) => [`/policies/${slug}`, `/api/v1/policies/${slug}`, `/api/v1/policies/${slug}/citation`]),
    ...ids.slice(0, 3).map((id) => `/runs/${id}/opengraph-image`),
    ...slugs.slice(0, 3).map((slug) => `/policies/${slug}/opengraph-image`),
    ...flags.map((id) => `/moderation/${id}`),
    `/moderation/new?subject=run&id=${ids[0]}`,
    `/moderation/new?subject=policy&id=${slugs[0]}`,
    "/settings",
  ];
  for (const path of paths) {
    const start = performance.now();
    const response = await fetch(`${site.address}${path}`, { headers: { cookie }, redirect: "manual" });
    const bytes = (await response.arrayBuffer()).byteLength;
    expect(response.status, path).toBe(200);
    expect(bytes, path).toBeGreaterThan(0);
    expect(bytes, path).toBeLessThan(bounds.bytes);
    expect(performance.now() - start, path).toBeLessThan(bounds.milliseconds);
  }
  console.info(`${paths.length} addresses of ${ids.length} runs and ${slugs.length} policies answered 200.`);
});
