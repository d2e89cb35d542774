/** Schemas of data sets and reference trajectories. */
import { z } from "zod";
import type { DatasetAvailability } from "@/lib/server/datasets";
import type { StoredDump } from "@/lib/server/dumps/read";
import type { TrajectoryInfo } from "@/lib/server/scoring/public-trajectories";

export const datasetSchema = z
  .object({
    slug: z.string(),
    version: z.string(),
    name: z.string(),
    shape: z.tuple([z.int(), z.int(), z.int()]).readonly().describe("`[height, width, channels]` of one image"),
    classes: z.array(z.string()).readonly(),
    trainCount: z.int(),
    testCount: z.int(),
    downloadBytes: z.int(),
    licence: z.string(),
    attribution: z.string(),
    source: z.string(),
    files: z.array(z.string()),
    copy: z
      .enum(["user", "system", "embedded", "cache"])
      .nullable()
      .describe("Where this site's copy comes from; null: it is downloaded when first asked for"),
    download: z.object({ file: z.string(), receivedBytes: z.int(), totalBytes: z.int().nullable() }).nullable(),
  })
  .meta({ id: "Dataset" }) satisfies z.ZodType<DatasetAvailability>;

export const trajectorySchema = z
  .object({
    benchmark: z.object({ slug: z.string(), version: z.int() }),
    variant: z.string(),
    visibility: z.enum(["public", "held-out", "retired"]),
    number: z.int(),
    sha256: z.string().nullable().describe("Null for a held-out one; of one recorded before commitments its hash"),
    commitment: z
      .string()
      .nullable()
      .describe("Of a held-out run, or one that was: HMAC-SHA-256 of its seed, a space and its SHA-256"),
    commitmentKey: z.string().nullable().describe("The commitment's key in hexadecimal, once the run is retired"),
    bytes: z.int(),
    recordedAt: z.date(),
    seed: z.int().nullable().describe("Null for a held-out one"),
    url: z.string().nullable().describe("Where the file is; null for a held-out one"),
    damage: z.string().nullable(),
  })
  .meta({
    id: "Trajectory",
    description: "A recorded training run. Of a held-out one only its number and a commitment are told.",
  }) satisfies z.ZodType<TrajectoryInfo>;

export const dumpSchema = z
  .object({
    date: z.iso.date().describe("UTC"),
    createdAt: z.date(),
    files: z.int(),
    bytes: z.int().describe("Of all its files"),
    manifest: z.string().describe("Where its manifest is; the files that it lists are beside it"),
  })
  .meta({ id: "Dump" }) satisfies z.ZodType<StoredDump>;
