/** Kinds of options that several commands share; each validates its text as it parses it. */
import { InvalidArgumentError, Option } from "commander";
import type { z } from "zod";
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
    value.split(",").map((name) => {
      if (!known.includes(name.trim())) throw new InvalidArgumentError(unknownName(what, name.trim(), known));
      return name.trim();
    }),
  );
}

/** An option whose value is a number that `schema` accepts. */
export function number(flags: string, description: string, schema: z.ZodType): Option {
  return new Option(flags, description).argParser((value: string) => {
    const parsed = schema.safeParse(value.trim() === "" ? NaN : Number(value));
    if (!parsed.success) throw new InvalidArgumentError(`${parsed.error.issues[0]!.message}.`);
    return parsed.data;
  });
}
