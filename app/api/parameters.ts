/** Parameters that several endpoints share. */
import { z } from "zod";
import { wholeNumberSchema } from "@/lib/records";

/** The slug of a benchmark or a policy. */
export const slugSchema = z
  .string()
  .regex(/^[a-z0-9][a-z0-9.-]{0,63}$/, "lower-case letters, digits, dots and hyphens");

/** The version of a benchmark. Default: the newest. */
export const versionSchema = wholeNumberSchema(1, 1_000_000);

/** The name of an account. */
export const userNameSchema = z
  .string()
  .regex(/^[a-z0-9][a-z0-9_-]{1,31}$/, "a name: lower-case letters, digits, hyphens or underscores");

/** Rows per page. */
export const takeSchema = (limit: number, standard: number) => wholeNumberSchema(1, limit).default(standard);

/** The last item of the previous page, as in the `next` of its response. */
export const afterSchema = z.uuid().optional().describe("Where the page before ended; `next` of its answer has it");

/** Address of the next page. */
export const nextSchema = z.string().nullable().describe("Address of the next page; null: this is the last");
