/** Runs `dmbench submit`: sends files to the API. */
import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { parsePolicy, schedule } from "@/lib/dmbn/policy";
import type { Submission } from "@/lib/leaderboard";
import { decodeSafetensors, runRecordSchema } from "@/lib/records";
import { UsageError } from "./exit";
import { ask, siteToWrite } from "./site";
import { table } from "./table";
import type { Terminal } from "./terminal";

const publishedSchema = z.object({ url: z.string(), created: z.boolean() });

/** Publishes a folder that `dmbench train --out` wrote. */
export async function submitRun(folder: string, siteOption: string | undefined, terminal: Terminal): Promise<void> {
  const { site, token } = await siteToWrite(siteOption);
  const [recordFile, predictionsFile] = await Promise.all(
    ["record.json", "predictions.safetensors"].map((name) => read(join(folder, name))),
  );
  const record = runRecordSchema.safeParse(JSON.parse(recordFile!.toString("utf8")));
  if (!record.success) throw new UsageError(`${join(folder, "record.json")}: ${z.prettifyError(record.error)}`);
  const predictions = Object.fromEntries(
    decodeSafetensors(predictionsFile!).tensors.map(({ name, values }) => [
      name,
      Buffer.from(values.buffer, values.byteOffset, values.byteLength).toString("base64"),
    ]),
  );
  // A hash of the run itself: sent again, from anywhere, it finds the row that exists.
  const idempotencyKey = createHash("sha256").update(recordFile!).update(predictionsFile!).digest("hex").slice(0, 48);
  const answer = await ask(
    site,
    "/api/v1/runs",
    { method: "POST", token, body: { idempotencyKey, record: record.data, predictions } satisfies Submission },
    terminal,
  );
  const { url, created } = publishedSchema.parse(await answer.json());
  terminal.out(`${created ? "Published" : "Published before"}: ${site}${url}\n`);
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
  const document = policy.endsWith(".json")
    ? parsePolicy(JSON.parse((await read(policy)).toString("utf8")))
    : schedule(policy);
  const { site, token } = await siteToWrite(siteOption);
  const body = {
    document,
    name,
    description,
    ...(forkOf !== undefined && { forkOf }),
    ...(benchmarks !== undefined && { benchmarks: benchmarks.split(",").map((slug) => slug.trim()) }),
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

async function read(file: string): Promise<Buffer> {
  try {
    return await readFile(file);
  } catch (error) {
    throw new UsageError(
      `${file}: ${(error as NodeJS.ErrnoException).code === "ENOENT" ? "no such file" : (error as Error).message}`,
    );
  }
}
