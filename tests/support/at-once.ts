/** The result of a computation in parts, without pauses. */
export function atOnce<Result>(parts: Generator<void, Result>): Result {
  for (;;) {
    const part = parts.next();
    if (part.done) return part.value;
  }
}
