/** Recognizes database errors. */

/** Whether an error is a unique-key violation. Checks the code, since every bundle has its own error class. */
export const isUniqueViolation = (error: unknown): boolean =>
  error instanceof Error && (error as Error & { code?: unknown }).code === "P2002";
