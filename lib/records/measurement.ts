/** A measurement of how fast a machine trains: what kind of device it is, and images per second by network and backend. */
import { z } from "zod";
import { repairText, textSchema } from "./text";

/** The MLP of the boards at batch 64; the CNN, and ResNet-50 at a quarter of its width, at batch 32. */
export const measuredNetworks = ["mlp", "cnn", "resnet-50"] as const;
export type MeasuredNetwork = (typeof measuredNetworks)[number];

export const measuredBackends = ["webgpu", "wasm", "cpu"] as const;
export type MeasuredBackend = (typeof measuredBackends)[number];

const characters = String.raw`\p{L}\p{N} .,:;()[\]+\-_/@#&'™®©`;
const plain = new RegExp(`^[${characters}]+$`, "u");
const notPlain = new RegExp(`[^${characters}]|\\p{Default_Ignorable_Code_Point}`, "gu");

/** The name of a browser, a system or an adapter. */
const nameSchema = (max: number) =>
  textSchema({ max }).regex(plain, "letters, digits, spaces and . , : ; ( ) [ ] + - _ / @ # & ' ™ ® ©");

/** A name as a browser or driver reports it, with a space for each character that `nameSchema` refuses. */
export const plainName = (text: string, max: number): string =>
  repairText(repairText(text).replace(notPlain, " ").replace(/ +/g, " ").trim(), max);

const rateSchema = z.number().gt(0);

const speedSchema = z
  .strictObject({
    network: z.enum(measuredNetworks),
    backend: z.enum(measuredBackends),
    adapter: nameSchema(128).nullable().describe("The GPU, as WebGPU names it; null on other backends"),
    software: z.boolean().describe("Whether the GPU is emulated by the processor"),
    threads: z.int().min(1).max(4096).describe("That computed; 1 on WebGPU and the CPU backend"),
    imagesPerSecond: z
      .strictObject({ median: rateSchema, least: rateSchema, most: rateSchema })
      .refine(({ median, least, most }) => least <= median && median <= most, {
        error: "least ≤ median ≤ most",
        params: { remedy: "Send the least, the median and the most of the same rounds." },
      })
      .describe("Over the rounds"),
    rounds: z.int().min(1).max(1_000_000),
  })
  .refine(({ backend, adapter }) => (backend === "webgpu") === (adapter !== null), {
    path: ["adapter"],
    error: "a name on webgpu, and null on other backends",
    params: { remedy: "Name the adapter as GPUAdapter.info does." },
  });

export const measurementSchema = z.strictObject({
  version: z
    .string()
    .regex(/^\d{1,4}\.\d{1,4}\.\d{1,4}$/, "a version such as 0.2.0")
    .describe("Of DMBench"),
  browser: nameSchema(32).describe("Its name alone"),
  browserVersion: z.int().min(0).max(9999).nullable().describe("Its major version; null if it doesn't say"),
  system: nameSchema(32).describe("The operating system's name alone"),
  cores: z.int().min(1).max(4096).describe("Logical ones, as the browser reports them"),
  speeds: z
    .array(speedSchema)
    .min(1)
    .max(measuredNetworks.length * measuredBackends.length)
    .refine((speeds) => new Set(speeds.map(({ network, backend }) => `${network} ${backend}`)).size === speeds.length, {
      error: "each network once on each backend",
      params: { remedy: "Leave out all but one." },
    }),
});

export type Measurement = z.infer<typeof measurementSchema>;
export type MeasuredSpeed = Measurement["speeds"][number];
