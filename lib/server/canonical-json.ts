/** JSON with sorted keys, so that the order of fields makes no difference to its hash. */
export const canonicalJson = (value: unknown): string => JSON.stringify(sorted(value));

/** A copy with sorted keys; a replacer of `JSON.stringify` would take twice as long. */
function sorted(value: unknown): unknown {
  if (value === null || typeof value !== "object") return value;
  if (Array.isArray(value)) return value.map(sorted);
  const fields = value as Readonly<Record<string, unknown>>;
  const copy: Record<string, unknown> = Object.create(null); // a field may be called "__proto__"
  for (const name of Object.keys(fields).sort()) copy[name] = sorted(fields[name]);
  return copy;
}
