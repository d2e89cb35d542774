/** Schema of the board over all boards. */
import { z } from "zod";
import type { OverBoardsEntry } from "@/lib/leaderboard";
import { variantSchema } from "@/lib/records";
import { benchmarkSchema, methodSchema } from "./board";

const regretSchema = z.number().nullable();

const overBoardsEntrySchema = z
  .object({
    method: methodSchema,
    variant: variantSchema,
    policy: z.object({ slug: z.string(), name: z.string(), builtIn: z.boolean() }),
    regrets: z
      .array(regretSchema)
      .describe("In the order of `boards`: the best mean accuracy less this one's; null where it has not been scored"),
    mean: regretSchema.describe("Mean regret over the boards that it is on"),
    worst: regretSchema.describe("Largest regret on these boards"),
    iqm: z
      .object({ mean: z.number(), low: z.number().nullable(), high: z.number().nullable() })
      .nullable()
      .describe(
        "Interquartile mean of its accuracies with the 95 % interval of a stratified bootstrap; null unless it is on " +
          "every board, and without an interval where a board has a single run",
      ),
  })
  .meta({ id: "OverBoardsEntry", description: "One method over several boards." }) satisfies z.ZodType<OverBoardsEntry>;

export const overBoardsSchema = z
  .object({
    boards: z.array(benchmarkSchema).describe("Those that have such methods, in the order they were added"),
    methods: z.array(overBoardsEntrySchema),
    of: z.int().describe("Methods on any of these boards; of those whose predictions agree on all of them, one"),
  })
  .meta({ id: "OverBoards" });
