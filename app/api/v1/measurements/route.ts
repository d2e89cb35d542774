/** Measurements of how fast machines train: publish one, list the newest. */
import { z } from "zod";
import { measurementBytes, measurementSubmissionSchema } from "@/lib/leaderboard";
import { publishMeasurement } from "@/lib/server/measurements/publish";
import { recentMeasurements } from "@/lib/server/measurements/read";
import { created, endpoint, nextPage } from "../../endpoint";
import { allowOnly } from "../../other-methods";
import { afterSchema, nextSchema, takeSchema } from "../../parameters";
import { refused } from "../../problem";
import { publishedMeasurementSchema } from "../../schemas/measurements";

export const POST = endpoint(
  {
    summary: "Publish a measurement",
    detail:
      "Images per second of training steps, by network and backend, and the kind of device: no name. Whoever is signed " +
      "in has it deleted with the account. What no machine can do is refused: a median outside of least and most, or " +
      "more than 10^15 operations a second. Sent again with the same idempotency key it is stored once.",
    tag: "measurements",
    access: "anyone",
    recognizesSession: true,
    body: { schema: measurementSubmissionSchema, limitBytes: measurementBytes },
    json: z.object({ id: z.string(), url: z.string(), created: z.boolean() }),
    answers: { 200: "This very measurement was stored before", 201: "Stored" },
    problems: { 409: "The idempotency key belongs to another measurement" },
    limits: ["measure/address"],
  },
  async ({ caller, body }) => {
    const publication = await publishMeasurement(body, caller?.id ?? null);
    if ("refusals" in publication) return refused(publication.refusals);
    const { id, created: fresh } = publication;
    return created({ id, url: "/bench", created: fresh }, `/api/v1/measurements/${id}`, fresh ? 201 : 200);
  },
);

export const GET = endpoint(
  {
    summary: "Measurements",
    detail: "How fast machines trained, newest first.",
    tag: "measurements",
    access: "anyone",
    query: z.strictObject({ take: takeSchema(100, 20), after: afterSchema }),
    json: z.object({ measurements: z.array(publishedMeasurementSchema), next: nextSchema }),
    answers: { 200: "A page of measurements" },
  },
  async ({ request, query }) => {
    const measurements = await recentMeasurements(query);
    return {
      measurements,
      next: nextPage(request, measurements.length === query.take ? measurements.at(-1)!.id : undefined),
    };
  },
);

export const { PUT, PATCH, DELETE, OPTIONS } = allowOnly("GET", "POST");
