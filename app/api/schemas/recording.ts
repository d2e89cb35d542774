/** Schema of the recording of held-out runs. */
import { z } from "zod";
import type { BoardRecording, Recording } from "@/lib/server/scoring/recording";

const boardRecordingSchema = z
  .object({
    benchmark: z.object({ slug: z.string(), version: z.int(), title: z.string() }),
    have: z.int().describe("Held-out runs recorded in every variant"),
    of: z.int().describe("Held-out runs that the board will have; equal to `have` where no more are recorded here"),
    state: z
      .enum(["complete", "running", "queued", "retrying", "absent"])
      .describe("absent: its data is not on this machine, or the settings leave it out"),
    secondsLeft: z
      .number()
      .nullable()
      .describe("Until its last run is scored, by what runs have cost here; null before the first one is"),
    failure: z
      .object({ reason: z.string(), attempts: z.int(), nextAt: z.date() })
      .nullable()
      .describe("Why the last attempt failed, how many there were, and when the next is made"),
  })
  .meta({ id: "BoardRecording" }) satisfies z.ZodType<BoardRecording>;

export const recordingSchema = z
  .object({
    paused: z
      .object({
        by: z.string().nullable().describe("Null for an account that is gone"),
        since: z.date(),
        reason: z.string(),
      })
      .nullable()
      .describe("By a maintainer; null while nobody has paused it"),
    boards: z.array(boardRecordingSchema),
    secondsLeft: z.number().nullable().describe("Until all is recorded and scored; null while a cost is unknown"),
  })
  .meta({ id: "Recording", description: "How far the recording of held-out runs is." }) satisfies z.ZodType<Recording>;
