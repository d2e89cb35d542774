/** Recognizes errors of the database. */

/** Whether a row with the same unique key exists already. Checked by code: every bundle has its own error class. */
export const isUniqueViolation = (error: unknown): boolean =>
  error instanceof Error && (error as Error & { code?: unknown }).code === "P2002";
