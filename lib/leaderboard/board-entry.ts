/** A row of a board. */
import type { ByMetric, Variant } from "@/lib/records";
import type { Band } from "./band";
import type { BoardView, Division } from "./board-view";
import type { Estimate } from "./estimate";

/** The figures of one reference run, or the mean of the runs of one seed. */
export type Point = ByMetric<number> & { label: string };

/** One method of a board, or one seed of it. */
export interface BoardEntry extends ByMetric<Estimate> {
  /** `variant/policy slug`. */
  method: string;
  variant: Variant;
  division: Division;
  policy: { slug: string; name: string; rule: string; kind: string; builtIn: boolean; author: string | null };
  /** Null where seeds stand together: the seed of Open runs, the number of a held-out one. */
  seed: string | null;
  /** The lowest tier among its runs. */
  tier: number;
  runs: number;
  /** Different seeds: what mean and interval are over. */
  n: number;
  /** First and last place it could hold; null until ranked. */
  band: Band | null;
  /**
   * Accuracy less the leader's, paired over shared seeds, with its 95 % interval; null for the leader and for those
   * that share no seed with it.
   */
  gap: { mean: number; low: number | null; high: number | null } | null;
  /** Backends that its runs were trained on; empty in the Closed division. */
  devices: BoardView["device"];
  /** When its first score was stored. */
  firstAt: Date;
  updatedAt: Date;
  /** Each seed's figures, where they were asked for; held-out seeds by number. */
  points?: Point[] | undefined;
}

/** How many methods of a division have each value of each filter. */
export interface Facets {
  variant: Map<string, number>;
  tier: Map<string, number>;
  kind: Map<string, number>;
  device: Map<string, number>;
  /** The busiest, and `built-in`. */
  author: Map<string, number>;
}
