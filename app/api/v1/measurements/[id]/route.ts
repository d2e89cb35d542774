/** A measurement; a maintainer hides one. */
import { z } from "zod";
import { flagReasonSchema } from "@/lib/leaderboard";
import { hideMeasurement } from "@/lib/server/measurements/publish";
import { findMeasurement } from "@/lib/server/measurements/read";
import { endpoint } from "../../../endpoint";
import { allowOnly } from "../../../other-methods";
import { notFound } from "../../../problem";
import { publishedMeasurementSchema } from "../../../schemas/measurements";

const params = z.object({ id: z.uuid() });
const unknown = () => notFound("measurement of this id", "/api/v1/measurements");

export const GET = endpoint(
  {
    summary: "A measurement",
    detail: "How fast one machine trained; its kind, not whose it is.",
    tag: "measurements",
    access: "anyone",
    params,
    json: publishedMeasurementSchema,
    answers: { 200: "The measurement" },
    problems: { 404: "No measurement of this id, or it was hidden" },
  },
  async ({ params: { id } }) => (await findMeasurement(id)) ?? unknown(),
);

export const DELETE = endpoint(
  {
    summary: "Hide a measurement",
    detail: "It leaves the table, the lists and the medians, and is kept. With a reason, in the log.",
    tag: "measurements",
    access: "maintainer",
    scope: "moderate",
    params,
    body: {
      schema: z.strictObject({ reason: flagReasonSchema.describe("Public, in the log") }),
      limitBytes: 16 * 1024,
    },
    answers: { 204: "Hidden, or so already" },
    problems: { 404: "No measurement of this id" },
  },
  async ({ params: { id }, body: { reason }, caller }) =>
    (await hideMeasurement(id, { reason, maintainerId: caller.id })) ? new Response(null, { status: 204 }) : unknown(),
);

export const { POST, PUT, PATCH, OPTIONS } = allowOnly("GET", "DELETE");
