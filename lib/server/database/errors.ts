/** What a database's error means. */

/** Whether a row with the same unique key was there already. By code: each bundle has its own class of the error. */
export const isUniqueViolation = (error: unknown): boolean =>
  error instanceof Error && (error as Error & { code?: unknown }).code === "P2002";
