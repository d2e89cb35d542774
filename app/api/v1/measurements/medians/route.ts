/** Medians of the measurements by class of device: the data of the table at /bench. */
import { z } from "zod";
import { orderSpeeds, speedsCsv, speedsViewSchema } from "@/lib/leaderboard";
import { classSpeeds } from "@/lib/server/measurements/read";
import { sharedBriefly } from "../../../caching";
import { endpoint } from "../../../endpoint";
import { allowOnly } from "../../../other-methods";
import { classSpeedSchema } from "../../../schemas/measurements";

export const GET = endpoint(
  {
    summary: "How fast classes of devices train",
    detail:
      "For each class of device and network the median of what was measured, its quartiles and how many measurements. " +
      "On WebGPU the adapter makes the class, else browser, system, cores and threads. At most 2000 rows: those that " +
      "were measured most often.",
    tag: "measurements",
    access: "anyone",
    query: z.strictObject({ ...speedsViewSchema.shape, format: z.enum(["json", "csv"]).default("json") }),
    json: z.object({ classes: z.array(classSpeedSchema) }),
    media: ["text/csv"],
    cache: sharedBriefly,
    answers: { 200: "The classes, by network and then in the order asked for" },
  },
  async ({ query: { format, ...view } }) => {
    const classes = orderSpeeds(await classSpeeds(), view);
    if (format === "json") return { classes };
    return new Response(speedsCsv(classes), {
      headers: {
        "content-type": "text/csv; charset=utf-8",
        "content-disposition": 'attachment; filename="dmbench-speeds.csv"',
        "cache-control": sharedBriefly,
        "x-content-type-options": "nosniff",
      },
    });
  },
);

export const { POST, PUT, PATCH, DELETE, OPTIONS } = allowOnly("GET");
