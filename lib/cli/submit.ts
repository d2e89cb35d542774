/** Runs `dmbench submit`: sends files to the API. */
import { createHash } from "node:crypto";
import { join } from "node:path";
import { z } from "zod";
import type { ExternalSubmission, Submission } from "@/lib/leaderboard";
import { decodeSafetensors, externalRecordSchema, issuesOf, otherDataset, runRecordSchema } from "@/lib/records";
import { UsageError } from "./exit";
import { contentOf, readBytes, readJson } from "./files";
import { readList } from "./list";
import { policyFrom } from "./policies";
import { ask, siteToWrite } from "./site";
import { table } from "./table";
import type { Terminal } from "./terminal";

const publishedSchema = z.object({ url: z.string(), created: z.boolean() });

/** Publishes a folder that `dmbench train --out` wrote. */
export async function submitRun(folder: string, siteOption: string | undefined, terminal: Terminal): Promise<void> {
  const { site, token } = await siteToWrite(siteOption);
  const [recordPath, predictionsPath] = [join(folder, "record.json"), join(folder, "predictions.safetensors")];
  const record = await readRecord(recordPath, runRecordSchema, "run record");
  const predictions = await readPredictions(predictionsPath);
  const idempotencyKey = await keyOf([recordPath, predictionsPath]);
  const answer = await ask(
    site,
    "/api/v1/runs",
    { method: "POST", token, body: { idempotencyKey, record, predictions } satisfies Submission },
    terminal,
  );
  const { url, created } = publishedSchema.parse(await answer.json());
  terminal.out(`${created ? "Published" : "Published before"}: ${site}${url}\n`);
}

/** Publishes a folder that `dmbn.py` wrote. */
export async function submitExternal(
  folder: string,
  siteOption: string | undefined,
  terminal: Terminal,
): Promise<void> {
  const { site, token } = await siteToWrite(siteOption);
  const [recordPath, predictionsPath] = [join(folder, "external.json"), join(folder, "predictions.safetensors")];
  const record = await readRecord(recordPath, externalRecordSchema, "record of a network");
  const isRegistered = record.task.dataset !== otherDataset;
  const predictions = isRegistered ? await readPredictions(predictionsPath) : {};
  const idempotencyKey = await keyOf(isRegistered ? [recordPath, predictionsPath] : [recordPath]);
  const body = { idempotencyKey, record, predictions } satisfies ExternalSubmission;
  const answer = await ask(site, "/api/v1/external", { method: "POST", token, body }, terminal);
  const { url, created } = publishedSchema.parse(await answer.json());
  terminal.out(`${created ? "Published" : "Published before"}: ${site}${url}\n`);
}

/** A hash of what is sent: sent again, from anywhere, it finds the row that exists. */
async function keyOf(paths: readonly string[]): Promise<string> {
  const hash = createHash("sha256");
  for (const path of paths) hash.update(await readBytes(path));
  return hash.digest("hex").slice(0, 48);
}

export interface SubmitPolicyOptions {
  name: string;
  description?: string;
  forkOf?: string;
  benchmarks?: string;
  site?: string;
}

const scoredSchema = z.object({
  url: z.string(),
  created: z.boolean(),
  scoring: z.array(
    z.object({ benchmark: z.object({ slug: z.string() }), state: z.string(), scored: z.int(), of: z.int() }),
  ),
});

/** Submits a document or an expression, and says how far its scoring is. */
export async function submitPolicy(
  policy: string,
  { name, description = "", forkOf, benchmarks, site: siteOption }: SubmitPolicyOptions,
  terminal: Terminal,
): Promise<void> {
  const document = await policyFrom(policy.trim(), "policy");
  const { site, token } = await siteToWrite(siteOption);
  const body = {
    document,
    name,
    description,
    ...(forkOf !== undefined && { forkOf }),
    ...(benchmarks !== undefined && { benchmarks: readList(benchmarks) }),
  };
  const { url, created, scoring } = scoredSchema.parse(
    await (await ask(site, "/api/v1/policies", { method: "POST", token, body }, terminal)).json(),
  );
  terminal.out(`${created ? "Submitted" : "Submitted before"}: ${site}${url}\n`);
  if (scoring.length > 0)
    terminal.out(
      table(
        ["benchmark", "state", "runs scored"],
        scoring.map(({ benchmark, state, scored, of }) => [benchmark.slug, state, `${scored} of ${of}`]),
      ),
    );
}

/** How many of a record's issues are shown. */
const ISSUES = 5;

/** @param name what the schema is of, as the error says it */
async function readRecord<Schema extends z.ZodType>(
  path: string,
  schema: Schema,
  name: string,
): Promise<z.output<Schema>> {
  const value = await readJson(path);
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const issues = issuesOf(parsed.error, value).map(
    ({ field, expected, found }) => `  ${field || "the whole"}: expected ${expected}, found ${found}`,
  );
  const more = issues.length > ISSUES ? [`  and ${issues.length - ISSUES} more`] : [];
  throw new UsageError([`${path} is no ${name}:`, ...issues.slice(0, ISSUES), ...more].join("\n"));
}

/** Predictions by method, in base64. */
async function readPredictions(path: string): Promise<Submission["predictions"]> {
  const bytes = await readBytes(path);
  const { tensors } = await contentOf(path, () => decodeSafetensors(bytes));
  return Object.fromEntries(
    tensors.map(({ name, values }) => {
      if (!(values instanceof Uint8Array))
        throw new UsageError(`${path}: expected class ids as U8 in ${name}, found another type.`);
      return [name, Buffer.from(values.buffer, values.byteOffset, values.byteLength).toString("base64")];
    }),
  );
}
