/** A row of a board. */
import type { ByMetric, Variant } from "@/lib/records";
import type { Band, BoardStanding } from "./band";
import type { BoardView, Division } from "./board-view";
import type { Estimate } from "./estimate";

/** The figures of one reference run, or the mean of the runs of one seed. */
export type Point = ByMetric<number> & { label: string };

export interface PolicyName {
  slug: string;
  name: string;
}

/** One method of a board, or one seed of it. */
export interface BoardEntry extends ByMetric<Estimate> {
  /** `variant/policy slug`. */
  method: string;
  variant: Variant;
  division: Division;
  policy: { slug: string; name: string; rule: string; kind: string; builtIn: boolean; author: string | null };
  /**
   * How many policies of its author this board has scored: the best of many tries looks better than it is. Null for a
   * built-in policy, and if the author's account is deleted.
   */
  tries: number | null;
  /** The seed of Open runs or the number of a reference run; null for a row over all seeds. */
  seed: string | null;
  /** The lowest tier among its runs. */
  tier: number;
  runs: number;
  /** Number of distinct seeds, over which mean and interval are computed. */
  n: number;
  /** Of these, how many another account has trained again, with the same predictions but for rounding. */
  reproduced: number;
  /** First and last rank it could hold; null until ranked. */
  band: Band | null;
  standing: BoardStanding | null;
  /** The method whose predictions it shares on every run and which stands for it; null if it stands for itself. */
  sameAs: PolicyName | null;
  /** The methods that share its predictions on every run and that it stands for: how many, and the first five. */
  standsFor: { count: number; first: PolicyName[] };
  /**
   * Accuracy minus the leader's, with its 95 % interval, simultaneous over all pairs of the board; null for the leader
   * and for a method that is not ranked. Below ten runs there is no interval.
   */
  gap: { mean: number; low: number | null; high: number | null } | null;
  /** Backends that its runs were trained on; empty in the Closed division. */
  devices: BoardView["device"];
  /** When its first score was stored. */
  firstAt: Date;
  updatedAt: Date;
  /** Each seed's figures, if requested; reference runs are named by their number. */
  points?: Point[] | undefined;
}

/** How many methods of a division have each value of each filter. */
export interface Facets {
  variant: Map<string, number>;
  tier: Map<string, number>;
  kind: Map<string, number>;
  device: Map<string, number>;
  /** Whether another account has trained one of its runs again. */
  reproduced: Map<string, number>;
  /** The authors with the most methods, and `built-in`. */
  author: Map<string, number>;
}

/** How well a board tells its methods apart, when it was last ranked. */
export interface Resolution {
  /** Methods that were ranked; those with equal predictions count once. */
  methods: number;
  /** Runs that all of them share. */
  runs: number;
  /** Test images; null if it isn't known which ones were answered right. */
  images: number | null;
  /** Test images that all methods answer alike on every run: all right, or all wrong. */
  alike: number | null;
  /** Pairs of methods, and how many are told apart; null below ten runs, as everything that follows. */
  pairs: number | null;
  toldApart: number | null;
  /** The smallest difference in accuracy that is told apart; null if none is. */
  smallest: number | null;
  /** Runs that would tell the first from the last; null if some are told apart, or if more runs wouldn't help. */
  seedsNeeded: number | null;
  /** The first methods by mean that are compared with each other; the others are compared with the first only. */
  exact: number | null;
}
