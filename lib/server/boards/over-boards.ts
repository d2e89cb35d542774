/** The board over all boards: how far each method is from the best of every board that the server recomputed. */
import "server-only";
import { overBoardsInParts } from "@/lib/evaluation";
import type { OverBoardsEntry, OverBoardsView } from "@/lib/leaderboard";
import type { Variant } from "@/lib/records";
import { Prisma } from "@/prisma/generated/client";
import type { Database } from "../database/client";
import { database } from "../database/client";
import { withPauses } from "../with-pauses";
import type { FoundBoard } from "./benchmarks";
import { newestBoards } from "./benchmarks";
import { cached } from "./cache";
import { seedsOfBoard } from "./seeds";

export type OverBoardsRow = OverBoardsEntry & { document: unknown };

export interface OverBoardsTable {
  /** Those that have methods, in the order they were added. */
  boards: Omit<FoundBoard, "id" | "revision">[];
  /** In no particular order. */
  methods: OverBoardsRow[];
  /** Methods on any of these boards; of those whose predictions agree on all of them, one. */
  of: number;
}

/** Of the bootstrap: its interval is printed to a tenth of a point. */
const DRAWS = 1000;

/** Each takes a few milliseconds to bootstrap. */
const maxMethods = 200;

/**
 * The methods of some boards, or of all, with their regrets: the first of each board, then built-in ones, then those on
 * most boards with the least mean regret, at most 200. Cached until one of the boards changes: don't mutate it.
 * @param view regrets are relative to the best of the variants that it names
 */
export async function overBoardsTable(
  { board, variant }: Pick<OverBoardsView, "board" | "variant">,
  db: Database = database(),
): Promise<OverBoardsTable> {
  const boards = (await newestBoards("closed", db)).filter(({ slug }) => board.length === 0 || board.includes(slug));
  const revisions = boards.map(({ revision }) => revision).join();
  return cached(revisions, `over boards ${[...variant].sort()}`, () => computeTable(boards, variant, db));
}

async function computeTable(
  boards: readonly FoundBoard[],
  variants: readonly Variant[],
  db: Database,
): Promise<OverBoardsTable> {
  if (boards.length === 0) return { boards: [], methods: [], of: 0 };
  const methods = await selectMethods(boards, variants, db);
  if (methods.length === 0) return { boards: [], methods: [], of: 0 };
  const selected = new Map(methods.map((method) => [`${method.variant}/${method.slug}`, method]));
  const accuracies = await Promise.all(boards.map((board) => selectAccuracies(board, methods, db)));
  const filled = boards.flatMap((board, index) =>
    accuracies[index]!.size > 0 ? [{ board, methods: accuracies[index]! }] : [],
  );
  const figures = await withPauses(overBoardsInParts(filled, { draws: DRAWS }));
  return {
    boards: filled.map(({ board: { id: _, revision: __, ...benchmark } }) => benchmark),
    methods: [...figures].map(([method, each]) => {
      const { variant, slug, name, builtIn, document } = selected.get(method)!;
      return { method, variant, policy: { slug, name, builtIn }, document, ...each };
    }),
    of: methods[0]!.of,
  };
}

interface SelectedMethod {
  variant: Variant;
  policyId: string;
  slug: string;
  name: string;
  builtIn: boolean;
  document: unknown;
  of: number;
}

const selectMethods = (
  boards: readonly FoundBoard[],
  variants: readonly Variant[],
  db: Database,
): Promise<SelectedMethod[]> => db.$queryRaw`
  WITH entry AS (
    SELECT benchmark_id, board_row.variant, policy_id, accuracy_mean, same_as
    FROM board_row JOIN policy ON policy.id = policy_id
    WHERE division = 'closed' AND policy.hidden_at IS NULL
      AND benchmark_id IN (${Prisma.join(boards.map(({ id }) => Prisma.sql`${id}::uuid`))})
      ${variants.length > 0 ? Prisma.sql`AND board_row.variant IN (${Prisma.join(variants)})` : Prisma.empty}
  ), board AS (
    SELECT benchmark_id, max(accuracy_mean) AS best FROM entry GROUP BY benchmark_id
  ), method AS (
    SELECT variant, policy_id, count(*) AS boards, avg(best - accuracy_mean) AS regret,
           bool_or(accuracy_mean = best) AS is_first,
           bool_and(same_as IS NOT NULL) AND count(DISTINCT same_as) = 1 AS is_copy
    FROM entry JOIN board USING (benchmark_id) GROUP BY variant, policy_id
  )
  SELECT variant, policy_id::text AS "policyId", slug, name, built_in IS NOT NULL AS "builtIn", document,
         (count(*) OVER ())::int AS of
  FROM method JOIN policy ON policy.id = policy_id
  WHERE NOT is_copy
  ORDER BY is_first DESC, built_in IS NOT NULL DESC, boards DESC, regret, variant, policy_id
  LIMIT ${maxMethods}`;

/** The accuracy of methods on each run of a board, in the runs' order; those that are not on it are left out. */
async function selectAccuracies(
  { id }: FoundBoard,
  methods: readonly SelectedMethod[],
  db: Database,
): Promise<Map<string, number[]>> {
  const policyIds = [...new Set(methods.map(({ policyId }) => policyId))];
  const rows = await db.$queryRaw<{ variant: string; policyId: string; accuracies: number[] }[]>`
    SELECT variant, policy_id::text AS "policyId", array_agg(accuracy ORDER BY seed::bigint) AS accuracies
    FROM (${seedsOfBoard({ benchmarkId: id, division: "closed" })}) AS score
    WHERE policy_id IN (${Prisma.join(policyIds.map((policyId) => Prisma.sql`${policyId}::uuid`))})
    GROUP BY variant, policy_id`;
  return new Map(
    methods.flatMap(({ variant, slug, policyId }) => {
      const own = rows.find((row) => row.variant === variant && row.policyId === policyId);
      return own ? [[`${variant}/${slug}`, own.accuracies] as const] : [];
    }),
  );
}
