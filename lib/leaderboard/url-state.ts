/**
 * URL state, with nuqs. A view is a zod object schema; each of its fields becomes a nuqs parser. Invalid parameters are
 * ignored, and defaults are not written: equal views have equal URLs. Characters that no text may hold are replaced, so
 * that a search for them finds nothing, as it should.
 */
import { createLoader, createMultiParser, createParser, createSerializer, parseAsString } from "nuqs/server";
import { z } from "zod";
import { repairText } from "@/lib/records";

/** The query of a URL, as Next passes it to a page. */
export type SearchParams = Readonly<Record<string, string | readonly string[] | undefined>>;

/** A repeated parameter: one value or several, without duplicates, in URL order. */
export const several = <Schema extends z.ZodType>(schema: Schema) =>
  z
    .union([z.array(schema).max(32), schema.transform((value) => [value])])
    .transform((values) => [...new Set(values as z.output<Schema>[])]);

/** Reads and writes the state that `Schema` describes. */
export interface UrlState<Schema extends z.ZodObject> {
  /** The state that a query describes; a repeated parameter that takes a single value is ignored. */
  read(params: SearchParams): z.output<Schema>;
  /**
   * `base` with this state in its query; other parameters of `base` stay, and those that are null or default are
   * removed.
   */
  href(base: string, state: Readonly<Record<string, unknown>>): string;
}

/**
 * A reader and writer of the state that `schema` describes. A field that accepts a list is a repeated parameter
 * (`variant=bn&variant=bfn`), or one with commas (`methods=a,b`) where `joined` names it.
 */
export function urlState<Schema extends z.ZodObject>(
  schema: Schema,
  { joined = [] }: { joined?: readonly (keyof z.output<Schema> & string)[] } = {},
): UrlState<Schema> {
  const fields = Object.entries(schema.shape as Record<string, z.ZodType>);
  const lists = new Set(fields.filter(([, field]) => field.safeParse([]).success).map(([name]) => name));
  const parsers = Object.fromEntries(
    fields.map(([name, field]) => {
      const parser = !lists.has(name) ? single(field) : list(field, (joined as readonly string[]).includes(name));
      const defaultValue = field.safeParse(undefined).data;
      return [name, defaultValue === undefined ? parser : { ...parser, defaultValue }];
    }),
  );
  const load = createLoader(parsers);
  return {
    read(params) {
      const accepted = Object.entries(params).filter(([name, value]) => lists.has(name) || !Array.isArray(value));
      const state = load(Object.fromEntries(accepted) as Record<string, string>);
      return Object.fromEntries(Object.entries(state).filter(([, value]) => value !== null)) as z.output<Schema>;
    },
    href: createSerializer(parsers) as UrlState<Schema>["href"],
  };
}

const single = (field: z.ZodType) =>
  createParser<unknown>({ parse: (text) => field.safeParse(repairText(text)).data ?? null, serialize: String });

const list = (field: z.ZodType, joined: boolean) =>
  createMultiParser<unknown[]>({
    parse: (texts) => {
      const parts = joined ? texts.flatMap((text) => text.split(",")).map((part) => part.trim()) : texts;
      const valid = parts.map((part) => repairText(part)).filter((part) => field.safeParse([part]).success);
      if (valid.length === 0 && parts.some(Boolean)) return null;
      return (field.safeParse(valid).data as unknown[] | undefined) ?? null;
    },
    serialize: (values) => (joined ? [values.join(",")] : values.map(String)),
    eq: sameValues,
  });

/** `path` with the query `params`, some of it changed; null removes a parameter, all others stay. */
export function changedHref(
  path: string,
  params: SearchParams,
  change: Readonly<Record<string, string | null>>,
): string {
  const query = Object.entries(params).flatMap(([name, value]) => [value ?? []].flat().map((item) => [name, item]));
  const parsers = Object.fromEntries(Object.keys(change).map((name) => [name, parseAsString]));
  return createSerializer(parsers)(`${path}?${new URLSearchParams(query)}`, change);
}

/** Whether two lists hold the same values, in any order. */
export const sameValues = (a: readonly unknown[], b: readonly unknown[]): boolean =>
  a.length === b.length && a.every((value) => b.includes(value));
