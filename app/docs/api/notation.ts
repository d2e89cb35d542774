/** JSON Schema in TypeScript's notation: `{ id: string, next: string | null }`, one field per line. */

type Schema = Record<string, unknown>;

/** The type as text; longer objects have one field per line, followed by its description. */
export function notation(schema: Schema, indent = ""): string {
  if (typeof schema.$ref === "string") return schema.$ref.slice(schema.$ref.lastIndexOf("/") + 1);
  if ("const" in schema) return JSON.stringify(schema.const);
  if (Array.isArray(schema.enum)) return schema.enum.map((value) => JSON.stringify(value)).join(" | ");
  const choices = (schema.anyOf ?? schema.oneOf) as Schema[] | undefined;
  if (choices) return choices.map((choice) => notation(choice, indent)).join(" | ");
  if (schema.type === "array") return list(schema, indent);
  if (schema.type === "object") return object(schema, indent);
  return typeof schema.type === "string" ? scalar(schema) : "any JSON";
}

function list({ items, prefixItems }: Schema, indent: string): string {
  if (Array.isArray(prefixItems))
    return `[${(prefixItems as Schema[]).map((item) => notation(item, indent)).join(", ")}]`;
  const item = notation((items ?? {}) as Schema, indent);
  return item.includes(" | ") && !item.startsWith("{") ? `(${item})[]` : `${item}[]`;
}

function object({ properties, required = [], additionalProperties }: Schema, indent: string): string {
  const deeper = `${indent}  `;
  const fields = Object.entries((properties ?? {}) as Record<string, Schema>).map(([name, field]) => {
    const optional = (required as string[]).includes(name) ? "" : "?";
    const comment = typeof field.description === "string" && !field.$ref ? `  // ${field.description}` : "";
    return `${deeper}${name}${optional}: ${notation(field, deeper)}${comment}`;
  });
  if (typeof additionalProperties === "object" && additionalProperties !== null)
    fields.push(`${deeper}[name]: ${notation(additionalProperties as Schema, deeper)}`);
  return fields.length ? `{\n${fields.join("\n")}\n${indent}}` : "{}";
}

const scalar = ({ type, format, minimum, maximum }: Schema): string => {
  const safe = (value: unknown): value is number =>
    typeof value === "number" && Math.abs(value) < Number.MAX_SAFE_INTEGER;
  const range =
    safe(minimum) || safe(maximum) ? ` ${safe(minimum) ? minimum : ""}…${safe(maximum) ? maximum : ""}` : "";
  return `${String(type)}${typeof format === "string" ? ` (${format})` : ""}${range}`;
};
