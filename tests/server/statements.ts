/** The statements of a piece of work, to count: speed is never tested by a clock. */
import type { Prisma, PrismaClient } from "@/prisma/generated/client";

/** The same database, with a list of the raw statements that are sent through it; of Prisma's own, their names. */
export function recorded(db: PrismaClient): { db: PrismaClient; statements: string[] } {
  const statements: string[] = [];
  const extended = db.$extends({
    query: {
      $allOperations({ model, operation, args, query }) {
        statements.push(model ? `${model}.${operation}` : (args as Prisma.Sql).sql);
        return query(args);
      },
    },
  });
  return { db: extended as unknown as PrismaClient, statements };
}
