/** Schemas of measurements. */
import { z } from "zod";
import type { ClassSpeed } from "@/lib/leaderboard";
import { measuredBackends, measuredNetworks, measurementSchema } from "@/lib/records";
import type { PublishedMeasurement } from "@/lib/server/measurements/read";

export const publishedMeasurementSchema = z
  .object({ ...measurementSchema.shape, id: z.string(), createdAt: z.date() })
  .meta({ id: "Measurement" }) satisfies z.ZodType<PublishedMeasurement>;

export const classSpeedSchema = z
  .object({
    network: z.enum(measuredNetworks),
    backend: z.enum(measuredBackends),
    adapter: z.string().nullable().describe("Null but on WebGPU, where it alone makes the class"),
    software: z.boolean().describe("Whether the GPU is emulated by the processor"),
    browser: z.string().nullable(),
    system: z.string().nullable(),
    cores: z.int().nullable(),
    threads: z.int().nullable(),
    median: z.number().describe("Images per second: of the measurements' medians"),
    low: z.number().nullable().describe("First quartile; null for a single measurement"),
    high: z.number().nullable().describe("Third quartile; null for a single measurement"),
    n: z.int().describe("Measurements, which may be several of one machine"),
    version: z.string().describe("Of DMBench, of the newest of them"),
  })
  .meta({ id: "ClassSpeed" }) satisfies z.ZodType<ClassSpeed>;
