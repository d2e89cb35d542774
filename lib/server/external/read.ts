/** Reads records of networks that people trained with code of their own. */
import "server-only";
import type { ExternalScore } from "@/lib/leaderboard";
import type { ExternalMethod, ExternalRecord } from "@/lib/records";
import type { Prisma } from "@/prisma/generated/client";
import type { Database } from "../database/client";
import { database } from "../database/client";

/** A published record; each method has what the server adds to it. */
export interface PublishedExternal extends Omit<ExternalRecord, "methods"> {
  id: string;
  createdAt: Date;
  /** Null once the account is deleted. */
  user: string | null;
  methods: (ExternalMethod & ExternalScore)[];
}

const columns = {
  id: true,
  createdAt: true,
  record: true,
  scores: true,
  user: { select: { name: true } },
} satisfies Prisma.ExternalRunSelect;

const isShown = { hiddenAt: null, withdrawnAt: null } satisfies Prisma.ExternalRunWhereInput;

function published({
  record,
  scores,
  user,
  ...row
}: Prisma.ExternalRunGetPayload<{ select: typeof columns }>): PublishedExternal {
  const { methods, ...rest } = record as unknown as ExternalRecord; // parsed when it was stored
  const added = scores as unknown as ExternalScore[];
  return {
    ...row,
    ...rest,
    user: user?.name ?? null,
    methods: methods.map((method, index) => ({ ...method, ...added[index]! })),
  };
}

/**
 * Records, newest first.
 * @param after id of the last one of the previous page
 * @param dataset slug of a registered one, or `other`; default: all
 */
export async function recentExternal(
  { take, after, dataset }: { take: number; after?: string | undefined; dataset?: string | undefined },
  db: Database = database(),
): Promise<PublishedExternal[]> {
  const rows = await db.externalRun.findMany({
    where: { ...isShown, ...(dataset !== undefined && { dataset }) },
    orderBy: [{ createdAt: "desc" }, { id: "desc" }],
    take,
    ...(after && { cursor: { id: after }, skip: 1 }),
    select: columns,
  });
  return rows.map(published);
}

/** The best constant of a network of somebody's own. */
export interface OwnNetwork {
  id: string;
  name: string;
  task: ExternalRecord["task"];
  batchSize: number;
  steps: number;
  momentum: number;
}

/** The most networks that are read for a map. */
const MOST_NETWORKS = 500;

/** The newest networks that compare at least two constants, without their methods. */
export const ownNetworks = async (db: Database = database()): Promise<OwnNetwork[]> => db.$queryRaw`
  SELECT id::text AS id, record #>> '{network,name}' AS name, record -> 'task' AS task,
         (record #>> '{training,batchSize}')::int AS "batchSize", (record #>> '{training,steps}')::int AS steps,
         best_momentum AS momentum
  FROM external_run
  WHERE best_momentum IS NOT NULL AND hidden_at IS NULL AND withdrawn_at IS NULL
  ORDER BY created_at DESC, id DESC LIMIT ${MOST_NETWORKS}`;

/** Data sets of the records that are shown, by name. */
export async function externalDatasets(db: Database = database()): Promise<string[]> {
  const rows = await db.externalRun.findMany({
    where: isShown,
    distinct: ["dataset"],
    orderBy: { dataset: "asc" },
    select: { dataset: true },
  });
  return rows.map(({ dataset }) => dataset);
}

/** A record; null if there is none of this id, or it is hidden and `hidden` is not set. */
export async function findExternal(
  id: string,
  db: Database = database(),
  hidden = false,
): Promise<PublishedExternal | null> {
  const row = await db.externalRun.findUnique({ where: { id, ...(!hidden && isShown) }, select: columns });
  return row && published(row);
}
