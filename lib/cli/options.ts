/** Kinds of options that several commands share; each validates its text as it parses it. */
import { availableParallelism } from "node:os";
import { InvalidArgumentError, Option } from "commander";
import { z } from "zod";
import type { Division } from "@/lib/leaderboard";
import { divisions } from "@/lib/leaderboard";
import { parseDecimal } from "@/lib/records";
import { backendWishes } from "./backend-names";
import { readList } from "./list";
import { unknownName } from "./names";

/** An option whose value is one of `known`. */
export function choice(flags: string, description: string, what: string, known: readonly string[]): Option {
  return new Option(flags, description).argParser((value: string) => {
    if (!known.includes(value)) throw new InvalidArgumentError(unknownName(what, value, known));
    return value;
  });
}

/** An option whose value is a comma-separated list of `known` names. */
export function choices(flags: string, description: string, what: string, known: readonly string[]): Option {
  return new Option(flags, description).argParser((value: string) =>
    readList(value).map((name) => {
      if (!known.includes(name)) throw new InvalidArgumentError(unknownName(what, name, known));
      return name;
    }),
  );
}

/** The division of a board that every command takes if none is named, as the site's pages do. */
export const DEFAULT_DIVISION: Division = divisions[0];

export const divisionOption = (): Option =>
  choice(
    "--division <division>",
    `closed: scored by the site; open: published by people (default: ${DEFAULT_DIVISION})`,
    "division",
    divisions,
  );

export const backendOption = (): Option =>
  choice("--backend <name>", "auto takes the fastest whose numbers are right", "backend", backendWishes).default(
    "auto",
  );

/** How many cells of a study or a map are run at once. */
export const cellJobsOption = (): Option =>
  number("--jobs <n>", "cells at once, a process each; 1 suits a GPU", z.int().min(1).max(256)).default(
    availableParallelism(),
    "one for each core",
  );

export const threadsOption = (): Option =>
  number("--threads <n>", "threads of the WASM backend (default: one per core)", z.int().min(1).max(256));

/** An option whose value is a decimal number that `schema` accepts. */
export function number(flags: string, description: string, schema: z.ZodType): Option {
  return new Option(flags, description).argParser((value: string) => {
    const decimal = parseDecimal(value);
    if (decimal === null) throw new InvalidArgumentError("Expected a decimal number.");
    const parsed = schema.safeParse(decimal);
    if (!parsed.success) throw new InvalidArgumentError(`Expected ${parsed.error.issues[0]!.message}.`);
    return parsed.data;
  });
}
