/** Reading the parameters of an address. */
import type { z } from "zod";
import { invalid } from "@/lib/leaderboard";
import type { Refusal } from "@/lib/leaderboard";
import { refused } from "./problem";

/** The parameters as `schema` has them, or the answer that says what is wrong with them. */
export function parseQuery<Schema extends z.ZodType>(request: Request, schema: Schema): { data: z.output<Schema> } | { refusal: Response } {
  const given = Object.fromEntries(new URL(request.url).searchParams);
  const parsed = schema.safeParse(given);
  return parsed.success ? { data: parsed.data } : { refusal: refused(invalid(parsed.error, given) as [Refusal, ...Refusal[]]) };
}
