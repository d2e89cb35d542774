/**
 * A snapshot of a board: its first methods, ranked among themselves on the board's runs and on fresh ones that nobody was
 * ever ranked on. A board that answers many times is fitted by those who ask: what stands first there by luck does not on
 * fresh runs. Blum & Hardt 2015, "The Ladder", ICML.
 */
import type { CrossedMeans, RankBand } from "@/lib/evaluation";
import { crossedMean, rankInParts } from "@/lib/evaluation";
import { formatBand } from "./band";
import { markdownTable } from "./export/markdown";

/** A method among the others of a snapshot, on one set of runs. */
export interface SnapshotPlace {
  /** By mean, from 1; equal ones share it. */
  place: number;
  ranks: RankBand;
  /** Of the accuracy, with the 95 % interval for other seeds and other test images. */
  mean: number;
  low: number;
  high: number;
}

/** All methods on one set of runs. */
export interface SnapshotSide {
  places: SnapshotPlace[];
  /** Of how many pairs of methods, and how many of them are told apart. */
  pairs: number;
  toldApart: number;
}

export interface Snapshot {
  format: "dmbench-snapshot-1";
  /** ISO 8601. */
  date: string;
  benchmark: { slug: string; version: number; title: string };
  software: { dmbench: string; scorer: string };
  board: { /** Numbers of the held-out runs. */ runs: number[]; pairs: number; toldApart: number };
  fresh: { /** Shown from now on: no run of them ranks anybody. */ seeds: number[]; pairs: number; toldApart: number };
  changed: ChangedPlaces;
  /** In the order of the board. */
  methods: {
    /** `variant/policy slug`. */
    method: string;
    name: string;
    /** SHA-256 of the policy's canonical document. */
    policy: string;
    /** Null for a built-in policy. */
    author: string | null;
    board: SnapshotPlace;
    fresh: SnapshotPlace & { /** On each run, in the order of the seeds. */ accuracies: number[] };
  }[];
}

/** Places of methods on the same runs, by the inference of every board, in parts: see `rankInParts`. */
export function* placeInParts(methods: readonly CrossedMeans[]): Generator<void, SnapshotSide> {
  const known = methods.every(({ images }) => images !== null);
  const comparable = methods.map((method) => (known ? method : { ...method, images: null }));
  const { ranks, pairs, toldApart } = yield* rankInParts(comparable);
  const estimates = comparable.map(crossedMean);
  const places = estimates.map(({ mean, interval }, index) => ({
    place: 1 + estimates.filter((other) => other.mean > mean).length,
    ranks: ranks[index]!,
    mean,
    low: interval!.low,
    high: interval!.high,
  }));
  return { places, pairs, toldApart };
}

/** How many methods stand elsewhere on the fresh runs. */
export interface ChangedPlaces {
  /** By mean. */
  places: number;
  /** Rank intervals that are not the same. */
  ranks: number;
  /** Rank intervals without a common rank: more than chance explains. */
  disjoint: number;
}

export function changedPlaces(board: readonly SnapshotPlace[], fresh: readonly SnapshotPlace[]): ChangedPlaces {
  const count = (isChanged: (before: SnapshotPlace, after: SnapshotPlace) => boolean) =>
    board.filter((before, index) => isChanged(before, fresh[index]!)).length;
  return {
    places: count((before, after) => before.place !== after.place),
    ranks: count(({ ranks: a }, { ranks: b }) => a.from !== b.from || a.to !== b.to),
    disjoint: count(({ ranks: a }, { ranks: b }) => a.to < b.from || b.to < a.from),
  };
}

const percent = (fraction: number): string => (100 * fraction).toFixed(2);
const accuracy = ({ mean, low, high }: SnapshotPlace): string => `${percent(mean)} (${percent(low)}–${percent(high)})`;
const rank = ({ place, ranks: { from, to } }: SnapshotPlace): string =>
  `${place} (${formatBand({ first: from, last: to })})`;

/** The document for people: both ranks side by side. */
export function snapshotMarkdown(snapshot: Snapshot): string {
  const { date, benchmark, software, board, fresh, changed, methods } = snapshot;
  const table = markdownTable(
    [
      { head: "method", numeric: false },
      { head: "by", numeric: false },
      { head: "rank on the board", numeric: true },
      { head: "on fresh runs", numeric: true },
      { head: "accuracy on the board, %", numeric: true },
      { head: "on fresh runs", numeric: true },
    ],
    methods.map(({ method, name, author, ...on }) => [
      `${name} (${method})`,
      author ?? "built in",
      rank(on.board),
      rank(on.fresh),
      accuracy(on.board),
      accuracy(on.fresh),
    ]),
  );
  return `# ${benchmark.title}: the board and fresh runs

${date.slice(0, 10)}, ${benchmark.slug} version ${benchmark.version}, DMBench ${software.dmbench}, scorer ${software.scorer}.

The first ${methods.length} methods of the board, ranked among themselves: on its ${board.runs.length} held-out runs, and on ${fresh.seeds.length} runs of fresh
seeds that nobody was ever ranked on. A rank is the place by mean accuracy, with all ranks that the method may hold (95 %, at once);
an accuracy has its 95 % interval for other seeds and other test images.

Of ${methods.length} methods ${changed.places} have another place on the fresh runs, ${changed.ranks} other ranks that they may hold, and ${changed.disjoint} ranks
of which none is among those on the board. Told apart: ${board.toldApart} of ${board.pairs} pairs on the board, ${fresh.toldApart} on the fresh runs.

${table}
Fresh seeds: ${fresh.seeds.join(", ")}. No run of these ranks anybody.
`;
}
