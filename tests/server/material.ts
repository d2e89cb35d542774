/** What tests of publishing begin with: the digits' test data, and accounts. */
import { testData } from "@/lib/server/datasets";
import type { PrismaClient } from "@/prisma/generated/client";
import type { TestData } from "../leaderboard/a-submission";

/** The site's own test data of the digits. */
export async function digitsTestData(): Promise<TestData> {
  const loaded = await testData("digits");
  if ("reason" in loaded) throw new Error(loaded.remedy);
  return loaded;
}

/** Makes accounts of these names; returns their ids, in the same order. */
export const accounts = <Names extends readonly string[]>(
  db: PrismaClient,
  ...names: Names
): Promise<{ [Name in keyof Names]: string }> =>
  Promise.all(names.map(async (name) => (await db.user.create({ data: { name } })).id)) as Promise<{
    [Name in keyof Names]: string;
  }>;
