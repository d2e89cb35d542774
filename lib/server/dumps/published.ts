/**
 * What of the database is public: every table and column is named here, as published or as withheld. A dump of a database
 * with a column that is not named is refused, so that nothing is published unless somebody decided so.
 *
 * The measure is what pages and API show to everybody. Of a held-out run that is its number, its commitment and the
 * figures of each method on it: neither seed nor hash, nor what the hash of its file's predictions would give away.
 */
import "server-only";
import { createHash } from "node:crypto";
import type { Table } from "../backup/rows";
import { commitmentOf } from "../scoring/commitment";
import type { Text } from "./values";
import { columnSql } from "./values";

/** A row as PostgreSQL's text; of an import, its published columns. */
export type Row = Readonly<Record<string, Text>>;

/** Published, as it is or as this SQL says. */
interface Shown {
  sql?: string;
}

/** Withheld; an import stores this instead. */
interface Withheld {
  instead: Text | ((row: Row) => Text);
}

export type Column = Shown | Withheld;

export interface PublicTable {
  columns: Readonly<Record<string, Column>>;
  /** Columns that the table lacks: PostgreSQL's type, SQL, and what is published of its text. No import stores them. */
  derived?: Readonly<Record<string, { type: string; sql: string; value?: (text: Text) => Text }>>;
  /** SQL; default: all rows. */
  where?: string;
  /** Whether an import stores the row. Default: all. */
  isImported?: (row: Row) => boolean;
}

const shown: Shown = {};
const withheld = (instead: Withheld["instead"] = null): Withheld => ({ instead });
const all = (...names: readonly string[]): Record<string, Shown> =>
  Object.fromEntries(names.map((name) => [name, shown]));

/** A column that only tells about runs that are not held out. */
const unlessHeldOut = (column: string): Shown => ({ sql: `CASE WHEN visibility <> 'held_out' THEN ${column} END` });

const onHeldOut = `(SELECT visibility = 'held_out' FROM trajectory WHERE id = trajectory_id)`;
const unlessOnHeldOut = (column: string): Shown => ({ sql: `CASE WHEN NOT ${onHeldOut} THEN ${column} END` });

const isShownPolicy = `EXISTS (SELECT FROM policy WHERE id = policy_id AND hidden_at IS NULL)`;
const isOfShownRun = `EXISTS (SELECT FROM run WHERE id = run_id AND hidden_at IS NULL)`;

const isShownExternal = `hidden_at IS NULL AND withdrawn_at IS NULL`;

const metricColumns = ["accuracy", "sensitivity", "specificity", "f_score", "nll", "ece", "esm"];
const measuredColumns = ["confusion_matrix", "esm_layers", "momentum_per_layer", "edge_of_grid", "correct"];

export const publicTables: Readonly<Record<string, PublicTable>> = {
  audit: {
    columns: {
      ...all("id", "run_id", "outcome", "predictions", "differing", "methods", "reason", "created_at"),
      seconds: withheld("0"),
      flag_id: withheld(),
    },
    where: isOfShownRun,
  },
  benchmark: {
    columns: all(
      ...["id", "slug", "version", "title", "summary", "dataset", "recipe", "ranked_on", "results_hash", "created_at"],
    ),
  },
  board_ranking: {
    columns: all(
      ...["benchmark_id", "division", "methods", "runs", "seeds", "images", "alike", "critical", "pairs"],
      ...["told_apart", "smallest", "seeds_needed", "exact", "ranked_at", "revision"],
    ),
  },
  board_revision: {
    columns: all("benchmark_id", "division", "revision"),
    // A board without one is not ranked again: a Closed one would lose its ranks, without the runs that gave them.
    isImported: ({ division }) => division === "open",
  },
  board_row: {
    columns: all(
      ...["id", "benchmark_id", "division", "variant", "policy_id", "tier", "runs", "n", "reproduced"],
      ...metricColumns.flatMap((metric) => ["mean", "deviation", "low", "high"].map((part) => `${metric}_${part}`)),
      ...["band_first", "band_last", "standing", "same_as", "author_place", "gap_mean", "gap_low", "gap_high"],
      ...["backends", "first_at", "updated_at"],
    ),
    where: isShownPolicy,
  },
  external_run: {
    columns: {
      ...all("id", "user_id", "dataset", "record", "scores", "best_momentum", "created_at"),
      idempotency_key: withheld(({ id }) => id!),
      content_hash: withheld(""),
      hidden_at: withheld(),
      withdrawn_at: withheld(),
    },
    where: isShownExternal,
  },
  log_entry: { columns: all("id", "action", "subject", "subject_id", "actor_id", "detail", "created_at") },
  measured_speed: {
    columns: all(
      ...[
        "measurement_id",
        "network",
        "backend",
        "adapter",
        "software",
        "threads",
        "median",
        "least",
        "most",
        "rounds",
      ],
    ),
    where: "EXISTS (SELECT FROM measurement WHERE id = measurement_id AND hidden_at IS NULL)",
  },
  measurement: {
    columns: {
      ...all("id", "version", "browser", "browser_version", "system", "cores", "created_at"),
      user_id: withheld(),
      idempotency_key: withheld(({ id }) => id!),
      content_hash: withheld(""),
      hidden_at: withheld(),
    },
    where: "hidden_at IS NULL",
  },
  policy: {
    columns: {
      ...all("id", "slug", "hash", "name", "given_name", "name_key", "description", "rule", "kind", "document"),
      ...all("aliases", "source_title", "source_url", "built_in", "author_id", "rules_version", "issues", "created_at"),
      fork_of_id: { sql: "(SELECT id FROM policy AS origin WHERE id = policy.fork_of_id AND hidden_at IS NULL)" },
      hidden_at: withheld(),
    },
    where: "hidden_at IS NULL",
  },
  reproduction: {
    columns: all("run_id", "by_run_id", "agreement", "created_at"),
    where: "NOT EXISTS (SELECT FROM run WHERE id IN (run_id, by_run_id) AND hidden_at IS NOT NULL)",
  },
  run: {
    columns: {
      ...all("id", "user_id", "benchmark_id", "variant", "seed", "tier", "manifest", "curves", "timings"),
      ...all("predictions_hash", "predictions_bytes", "ranks", "rules_version", "issues", "created_at"),
      reproduction_of_id: {
        sql: "(SELECT id FROM run AS origin WHERE id = run.reproduction_of_id AND hidden_at IS NULL)",
      },
      idempotency_key: withheld(({ id }) => id!),
      content_hash: withheld(""),
      predictions_key: withheld(({ predictions_hash }) => `predictions/${predictions_hash}.safetensors`),
      ticket_id: withheld((row) => ticketIdOf(row)),
      hidden_at: withheld(),
    },
    derived: { seed_from_board: { type: "boolean", sql: "ticket_id IS NOT NULL" } },
    where: "hidden_at IS NULL",
  },
  run_score: {
    columns: all("id", "run_id", "policy_id", "method", ...metricColumns, ...measuredColumns, "predictions_hash"),
    where: `${isOfShownRun} AND ${isShownPolicy}`,
  },
  run_weights: {
    columns: {
      ...all("run_id", "artifact_hash", "artifact_bytes", "outcome", "predictions", "differing", "reason"),
      ...all("checked_at", "created_at"),
      trajectory_id: { sql: "(SELECT id FROM trajectory WHERE id = trajectory_id AND visibility <> 'withdrawn')" },
      artifact_key: withheld(({ artifact_hash }) => `trajectories/${artifact_hash}.safetensors`),
      seconds: withheld("0"),
      flag_id: withheld(),
    },
    where: isOfShownRun,
  },
  score: {
    columns: {
      ...all("id", "policy_id", "trajectory_id", "scorer_version", ...metricColumns, "created_at"),
      ...Object.fromEntries(
        [...measuredColumns, "predictions_hash"].map((column) => [column, unlessOnHeldOut(column)] as const),
      ),
      predictions_key: withheld(),
    },
    derived: { held_out: { type: "boolean", sql: onHeldOut } },
    where: `${isShownPolicy} AND EXISTS (SELECT FROM trajectory WHERE id = trajectory_id AND visibility <> 'withdrawn')`,
    isImported: ({ held_out }) => held_out === "false",
  },
  trajectory: {
    columns: {
      ...all("id", "benchmark_id", "variant", "visibility", "number", "artifact_bytes", "damage", "created_at"),
      seed: unlessHeldOut("seed"),
      // Of one that was recorded before commitments the hash is what was announced.
      artifact_hash: {
        sql: "CASE WHEN visibility <> 'held_out' OR commitment_key IS NULL THEN artifact_hash END",
      },
      commitment_key: unlessHeldOut("commitment_key"),
      dataset_version: unlessHeldOut("dataset_version"),
      dataset_hash: unlessHeldOut("dataset_hash"),
      software: unlessHeldOut("software"),
      artifact_key: withheld(({ artifact_hash }) => `trajectories/${artifact_hash}.safetensors`),
      lost_at: withheld(),
    },
    derived: {
      commitment: {
        type: "text",
        sql: "json_build_array(encode(commitment_key, 'hex'), seed::text, artifact_hash)",
        value: (text) => {
          const [key, seed, artifactHash] = JSON.parse(text!) as [string | null, string, string];
          return commitmentOf({ commitmentKey: key === null ? null : Buffer.from(key, "hex"), seed, artifactHash });
        },
      },
    },
    where: "visibility <> 'withdrawn'",
    isImported: ({ visibility }) => visibility !== "held_out",
  },
  user: {
    columns: {
      ...all("id", "name", "created_at"),
      email: withheld(),
      email_verified: withheld(),
      image: withheld(),
      password_hash: withheld(),
      session_version: withheld("0"),
      role: withheld("user"),
      muted_notices: withheld("{}"),
    },
    where: `id IN (SELECT user_id FROM run WHERE hidden_at IS NULL
      UNION SELECT author_id FROM policy WHERE hidden_at IS NULL
      UNION SELECT user_id FROM external_run WHERE ${isShownExternal}
      UNION SELECT actor_id FROM log_entry)`,
  },
};

/** Tables of which nothing is read, whatever columns they get. */
const privateTables: readonly string[] = [
  "account",
  "account_name",
  "allowance",
  "api_token",
  "dump", // of this site alone, and listed by /api/v1/dumps
  "dump_file",
  "flag", // the log says what was flagged, and how it was decided
  "imported_dump",
  "job",
  "maintainer_code",
  "notice",
  "recording_time",
  "session",
  "shared_work",
  "stale_board_row",
  "ticket", // whoever has the id of one may publish with it
  "verification_token",
];

/** Tables and columns of a database that nobody decided on, and decided ones that it lacks. */
export function undecided(tables: readonly Pick<Table, "name" | "columns">[]): string[] {
  const present = tables.flatMap(({ name, columns }) =>
    privateTables.includes(name) ? [name] : Object.keys(columns).map((column) => `${name}.${column}`),
  );
  const decided = [
    ...privateTables,
    ...Object.entries(publicTables).flatMap(([name, { columns }]) =>
      Object.keys(columns).map((column) => `${name}.${column}`),
    ),
  ];
  return [
    ...present.filter((column) => !decided.includes(column)),
    ...decided.filter((column) => !present.includes(column)),
  ];
}

/** A table's published columns: PostgreSQL's type, the SQL that gives them, and what becomes of its text. */
export function publishedColumns({
  name,
  columns,
}: Pick<Table, "name" | "columns">): { name: string; type: string; sql: string; value: (text: Text) => Text }[] {
  const { columns: decided, derived = {} } = publicTables[name]!;
  const same = (text: Text) => text;
  return [
    ...Object.entries(columns).flatMap(([column, type]) => {
      const decision = decided[column]!;
      if ("instead" in decision) return [];
      return [{ name: column, type, sql: columnSql(type, decision.sql ?? `"${column}"`), value: same }];
    }),
    ...Object.entries(derived).map(([column, { type, sql, value = same }]) => ({ name: column, type, sql, value })),
  ];
}

/** The ticket of a run on an importing site, which is made up: one for each seed that a board gave out. */
export function ticketIdOf({ benchmark_id, seed, seed_from_board }: Row): Text {
  if (seed_from_board !== "true") return null;
  const hash = createHash("sha256").update(`${benchmark_id} ${seed}`).digest("hex");
  return hash.slice(0, 32).replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}
