/**
 * State that an address carries, by nuqs. A view is a zod object schema; each of its fields becomes a nuqs parser.
 * Whatever an address says wrongly counts as not said, and defaults are not written: equal views have equal addresses.
 */
import { createLoader, createMultiParser, createParser, createSerializer, parseAsString } from "nuqs/server";
import type { z } from "zod";

/** The query of an address, as Next gives it to a page. */
export type SearchParams = Readonly<Record<string, string | readonly string[] | undefined>>;

/** Reads and writes the state that `Schema` describes. */
export interface UrlState<Schema extends z.ZodObject> {
  /** The state that a query asks for; a repeated parameter that is meant once counts as not said. */
  read(params: SearchParams): z.output<Schema>;
  /** `base` with this state in its query; other parameters of `base` stay, and what is null or default is taken out. */
  href(base: string, state: Readonly<Record<string, unknown>>): string;
}

/**
 * The reader and writer of the state that `schema` describes. A field that accepts a list is a repeated parameter
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
      const usual = field.safeParse(undefined).data;
      return [name, usual === undefined ? parser : { ...parser, defaultValue: usual }];
    }),
  );
  const load = createLoader(parsers);
  return {
    read(params) {
      const meant = Object.entries(params).filter(([name, value]) => lists.has(name) || !Array.isArray(value));
      const state = load(Object.fromEntries(meant) as Record<string, string>);
      return Object.fromEntries(Object.entries(state).filter(([, value]) => value !== null)) as z.output<Schema>;
    },
    href: createSerializer(parsers) as UrlState<Schema>["href"],
  };
}

const single = (field: z.ZodType) =>
  createParser<unknown>({ parse: (text) => field.safeParse(text).data ?? null, serialize: String });

const list = (field: z.ZodType, joined: boolean) =>
  createMultiParser<unknown[]>({
    parse: (texts) => {
      const parts = joined ? texts.flatMap((text) => text.split(",")).map((part) => part.trim()) : texts;
      const meant = parts.filter((part) => field.safeParse([part]).success);
      if (meant.length === 0 && parts.some(Boolean)) return null;
      return (field.safeParse(meant).data as unknown[] | undefined) ?? null;
    },
    serialize: (values) => (joined ? [values.join(",")] : values.map(String)),
    eq: sameValues,
  });

/** `path` with the query `params`, some of it changed; null takes a parameter out, all others stay. */
export function changedHref(
  path: string,
  params: SearchParams,
  change: Readonly<Record<string, string | null>>,
): string {
  const query = Object.entries(params).flatMap(([name, value]) => [value ?? []].flat().map((one) => [name, one]));
  const parsers = Object.fromEntries(Object.keys(change).map((name) => [name, parseAsString]));
  return createSerializer(parsers)(`${path}?${new URLSearchParams(query)}`, change);
}

/** Whether two lists hold the same values, in whatever order. */
export const sameValues = (a: readonly unknown[], b: readonly unknown[]): boolean =>
  a.length === b.length && a.every((value) => b.includes(value));
