/** Values of Parquet and of PostgreSQL's text, each way without loss. */

/** A value as PostgreSQL reads it, in UTC and with every digit: see `backup/rows`. */
export type Text = string | null;

export type Value = string | number | bigint | boolean | Date | Uint8Array | null;

export type ParquetType = "BOOLEAN" | "INT32" | "INT64" | "DOUBLE" | "TIMESTAMP" | "BYTE_ARRAY" | "STRING";

interface Conversion {
  parquet: ParquetType;
  /** The column as SQL, where its text is not what `value` reads. */
  sql?: (column: string) => string;
  value: (text: string) => Value;
  text: (value: never) => string;
}

/** Names, enums, UUIDs; `jsonb` as its JSON. */
const asText: Conversion = { parquet: "STRING", value: (text) => text, text: (value: string) => value };

const conversions: Readonly<Record<string, Conversion>> = {
  boolean: { parquet: "BOOLEAN", value: (text) => text === "true", text: (value: boolean) => String(value) },
  integer: { parquet: "INT32", value: Number, text: (value: number) => String(value) },
  bigint: { parquet: "INT64", value: BigInt, text: (value: bigint) => String(value) },
  "double precision": { parquet: "DOUBLE", value: Number, text: numberText },
  "timestamp(3) with time zone": {
    parquet: "TIMESTAMP",
    value: dateOf,
    text: (value: Date) =>
      `${value
        .toISOString()
        .replace("T", " ")
        .replace(/\.?0*Z$/, "")}+00`,
  },
  bytea: {
    parquet: "BYTE_ARRAY",
    value: (text) => new Uint8Array(Buffer.from(text.slice(2), "hex")),
    text: (value: Uint8Array) => `\\x${Buffer.from(value).toString("hex")}`,
  },
  // A JSON array, for programs that don't know PostgreSQL's.
  "text[]": {
    parquet: "STRING",
    sql: (column) => `to_json(${column})`,
    value: (text) => text,
    text: (value: string) => `{${(JSON.parse(value) as string[]).map(arrayElement).join(",")}}`,
  },
};

/** @param text in UTC */
export function dateOf(text: string): Date {
  return new Date(text.replace(" ", "T").replace(/\+00$/, "Z"));
}

/** @param type PostgreSQL's, as `format_type` names it */
const conversionOf = (type: string): Conversion => conversions[type] ?? asText;

export const parquetType = (type: string): ParquetType => conversionOf(type).parquet;

export const columnSql = (type: string, column: string): string => conversionOf(type).sql?.(column) ?? column;

export const parquetValue = (type: string, text: Text): Value =>
  text === null ? null : conversionOf(type).value(text);

export const postgresText = (type: string, value: Value): Text =>
  value === null ? null : conversionOf(type).text(value as never);

/** As PostgreSQL reads it, not always as it writes it: its digits aren't always the fewest. */
function numberText(value: number): string {
  return Object.is(value, -0) ? "-0" : String(value);
}

/** An element of an array as PostgreSQL writes it. */
const arrayElement = (text: string): string =>
  text === "" || /[\s{}",\\]/.test(text) || /^null$/i.test(text) ? `"${text.replace(/["\\]/g, "\\$&")}"` : text;
