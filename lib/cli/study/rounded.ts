/** Rounds every number in a record: the last digits differ between machines, and powers between versions of Node. */
export const rounded = <T>(record: T, digits: number): T =>
  JSON.parse(
    JSON.stringify(record, (_, value: unknown) =>
      typeof value === "number" && !Number.isInteger(value) ? Number(value.toPrecision(digits)) : value,
    ),
  ) as T;
