/**
 * Runs `dmbench contribute`: asks a board for seeds, trains them and publishes each run as it ends. What is finished and
 * not yet sent is kept, and so is the ticket of a training that was stopped: the same command goes on from there.
 */
import { randomUUID } from "node:crypto";
import { readdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { needsTrace } from "@/lib/dmbn";
import type { Benchmark, Submission } from "@/lib/leaderboard";
import { variantLabels, weightsLimitBytes } from "@/lib/leaderboard";
import type { Variant } from "@/lib/records";
import { evaluationsPerRun } from "@/lib/records";
import type { BackendChoice } from "@/lib/runtime";
import { keepsTrace, planRun, recordOf, trainAndScore, trajectoryFile } from "@/lib/training";
import { placeOf, startBackendInNode } from "./backend";
import type { BackendWish } from "./backend-names";
import { dataFolder, openDataset } from "./data-folders";
import { yieldToEventLoop } from "./event-loop";
import { Failure } from "./exit";
import { prepareFolder, writeWhole } from "./output";
import { policiesNamed } from "./policies";
import { sendWeights } from "./send-weights";
import { ask, siteToWrite } from "./site";
import type { Terminal } from "./terminal";
import { duration } from "./terminal";

export interface ContributeOptions {
  benchmark: Benchmark;
  /** Seeds to train, each in every variant. */
  runs: number;
  variants: readonly Variant[];
  policies: string;
  backend: BackendWish;
  threads?: number | undefined;
  site?: string | undefined;
}

const ticketSchema = z.object({
  id: z.string(),
  seed: z.int(),
  benchmark: z.object({ slug: z.string(), version: z.int() }),
  expiresAt: z.iso.datetime(),
  seeds: z.int(),
  /** Variants that are trained already: published, or kept to be sent. */
  trained: z.array(z.string()).default([]),
});
type Ticket = z.infer<typeof ticketSchema>;

const publishedSchema = z.object({ id: z.string(), url: z.string() });

export async function contribute(options: ContributeOptions, terminal: Terminal): Promise<void> {
  const { benchmark, runs, variants } = options;
  const login = await siteToWrite(options.site);
  const folder = dataFolder("contribute", new URL(login.site).host.replaceAll(":", "-"));
  await prepareFolder(folder);
  const site: SiteParts = { ...login, folder, terminal };
  await sendWaiting(site);

  const policies = await policiesNamed(options.policies);
  const dataset = await openDataset(benchmark.recipe.dataset, terminal);
  const backend = await startBackendInNode(options.backend, { ...terminal, threads: options.threads });
  for (let done = 0; done < runs; done += 1) {
    const ticket = await ticketFor(benchmark, variants, site);
    for (const variant of variants.filter((name) => !ticket.trained.includes(name))) {
      const plan = planRun({ recipe: benchmark.recipe, variant, seed: ticket.seed, dataset });
      const scored = keepsTrace(plan) ? policies : policies.filter(({ document }) => !needsTrace(document));
      const label = `${variantLabels[variant]}, seed ${ticket.seed}, run ${done + 1} of ${runs}`;
      const { record, predictions, weights } = await trainOne(plan, scored, { backend, label, benchmark, terminal });
      const submission: Submission = {
        idempotencyKey: randomUUID(),
        ticket: ticket.id,
        record,
        predictions: Object.fromEntries(
          Object.entries(predictions).map(([method, ids]) => [method, Buffer.from(ids).toString("base64")]),
        ),
      };
      const file = join(folder, `${submission.idempotencyKey}.json`);
      if (weights) await writeWhole(weightsBeside(file), weights);
      await writeWhole(file, JSON.stringify(submission));
      ticket.trained.push(variant);
      await writeWhole(ticketFile(benchmark, site), JSON.stringify(ticket));
      await send(file, submission, site);
    }
    await rm(ticketFile(benchmark, site), { force: true });
  }
}

interface SiteParts {
  site: string;
  token: string;
  /** Of what isn't sent yet. */
  folder: string;
  terminal: Terminal;
}

const ticketFile = ({ slug }: Benchmark, { folder }: SiteParts): string => join(folder, `${slug}.ticket`);

/** The ticket of a training that was stopped, or another one. */
async function ticketFor(benchmark: Benchmark, variants: readonly Variant[], parts: SiteParts): Promise<Ticket> {
  const { slug, version } = benchmark;
  const { site, token, terminal } = parts;
  const file = ticketFile(benchmark, parts);
  const kept = await readFile(file, "utf8").then(
    (text) => ticketSchema.safeParse(JSON.parse(text)).data,
    () => undefined,
  );
  const isUnfinished = kept && variants.some((variant) => !kept.trained.includes(variant));
  if (isUnfinished && Date.parse(kept.expiresAt) > Date.now() + 3_600_000) return kept;
  const answer = await ask(
    site,
    `/api/v1/benchmarks/${slug}/tickets`,
    { method: "POST", token, body: { another: true } },
    terminal,
  );
  const ticket = ticketSchema.parse(await answer.json());
  if (ticket.benchmark.version !== version)
    throw new Failure(
      `${site} has version ${ticket.benchmark.version} of ${slug}, this command version ${version}: update the older one.`,
    );
  await writeWhole(file, JSON.stringify(ticket));
  terminal.err(`${slug} has ${ticket.seeds} seeds; the next is ${ticket.seed}.\n`);
  return ticket;
}

interface Training {
  backend: BackendChoice;
  label: string;
  benchmark: Benchmark;
  terminal: Terminal;
}

async function trainOne(
  plan: ReturnType<typeof planRun>,
  policies: Awaited<ReturnType<typeof policiesNamed>>,
  { backend, label, benchmark: { slug, version }, terminal }: Training,
): Promise<Pick<ReturnType<typeof recordOf>, "record" | "predictions"> & { weights: Uint8Array | null }> {
  const { signal, now } = terminal;
  const options = { policies, evaluations: evaluationsPerRun, now, limits: backend.limits, signal };
  for await (const event of yieldToEventLoop(trainAndScore(plan, options))) {
    if (event.kind === "steps")
      terminal.progress(`${label}: step ${event.step} of ${plan.shape.steps}, ${duration(event.secondsLeft)} left`);
    if (event.kind === "scoring") terminal.progress(`${label}: scoring, ${duration(event.secondsLeft)} left`);
    if (event.kind === "finished") {
      return {
        ...recordOf({ ...event.result, benchmark: { slug, version }, ...placeOf(backend) }),
        weights: await trajectoryFile(event.result.run, backend.name, weightsLimitBytes),
      };
    }
  }
  throw new Error("expected the training to finish"); // `trainAndScore` ends with "finished"
}

/** Publishes a finished run; its file goes once the site has it. */
async function send(file: string, submission: Submission, { site, token, terminal }: SiteParts): Promise<void> {
  const answer = await ask(site, "/api/v1/runs", { method: "POST", token, body: submission }, terminal).catch(
    (error: unknown) => {
      terminal.err(`The finished run is kept in ${file}; the same command sends it.\n`);
      throw error;
    },
  );
  const { id, url } = publishedSchema.parse(await answer.json());
  await rm(file, { force: true });
  terminal.out(`Published: ${site}${url}\n`);
  const weights = await readFile(weightsBeside(file)).catch(() => null);
  if (weights) {
    await sendWeights(id, weights, { site, token, terminal });
    await rm(weightsBeside(file), { force: true });
  }
}

/** The file of weights and trace of a run that waits to be sent. */
const weightsBeside = (file: string): string => file.replace(/\.json$/, ".safetensors");

/** Sends what an earlier command could not; what the site refuses stays, and is said. */
async function sendWaiting(parts: SiteParts): Promise<void> {
  const { folder, terminal } = parts;
  for (const name of (await readdir(folder)).filter((file) => file.endsWith(".json")).sort()) {
    const file = join(folder, name);
    const submission = JSON.parse(await readFile(file, "utf8")) as Submission;
    await send(file, submission, parts).catch(async (error: unknown) => {
      if (!(error instanceof Failure) || terminal.signal.aborted) throw error;
      terminal.err(`${error.message}\n`);
    });
  }
}
