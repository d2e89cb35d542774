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
  /** The seed of Open runs or the number of a held-out one; null for a row over all seeds. */
  seed: string | null;
  /** The lowest tier among its runs. */
  tier: number;
  runs: number;
  /** Number of distinct seeds, over which mean and interval are computed. */
  n: number;
  /** First and last rank it could hold; null until ranked. */
  band: Band | null;
  /**
   * Accuracy minus the leader's, paired over shared seeds, with its 95 % interval; null for the leader and for those
   * that share no seed with it.
   */
  gap: { mean: number; low: number | null; high: number | null } | null;
  /** Backends that its runs were trained on; empty in the Closed division. */
  devices: BoardView["device"];
  /** When its first score was stored. */
  firstAt: Date;
  updatedAt: Date;
  /** Each seed's figures, if requested; held-out seeds are named by their number. */
  points?: Point[] | undefined;
}

/** How many methods of a division have each value of each filter. */
export interface Facets {
  variant: Map<string, number>;
  tier: Map<string, number>;
  kind: Map<string, number>;
  device: Map<string, number>;
  /** The authors with the most methods, and `built-in`. */
  author: Map<string, number>;
}
