/** Our training step against peers', in interleaved rounds: medians, spreads and ratios. */
import os from "node:os";
import type { Measurement } from "./measure";
import { format, median, row } from "./measure";
import type { NetworkName } from "./networks";
import { networks } from "./networks";
import { figure, program, pyTorch } from "./programs";
import type { OurStep } from "./step_ours";

/** Enough for a median; all see the same machine. */
const ROUNDS = 5;

/** Images per second by round; a text says why there are none. */
type Rounds = number[] | string;

interface Peer {
  title: string;
  /** Images per second, or why there is no figure. */
  once: () => number | string;
}

const peersOf = (name: NetworkName, threads: readonly number[]): Peer[] => [
  ...threads.map((count) => ({
    title: `PyTorch, ${count} thread(s)`,
    once: () => pyTorch(networks[name].recipe, networks[name].steps, { threads: count }),
  })),
  ...(name === "mlp"
    ? [
        { title: "jax-js on WASM", once: () => figure(program("step_jax", "wasm")) },
        { title: "tf.layers on WASM", once: () => figure(program("step_layers", "wasm")) },
      ]
    : []),
];

/** Times a network and its peers in turn, so that all see the same machine. */
export function againstPeers(name: NetworkName): Measurement[] {
  const threads = [...new Set([1, os.availableParallelism()])];
  const ours = threads.map((): OurStep[] => []);
  const peers = peersOf(name, threads);
  const measured: Rounds[] = peers.map(() => []);
  for (let round = 0; round < ROUNDS; round++) {
    for (const [index, count] of threads.entries()) {
      const printed = program("step_ours", name, count);
      if (printed instanceof Error) throw printed;
      ours[index]!.push(JSON.parse(printed) as OurStep);
    }
    for (const [index, { once }] of peers.entries()) {
      const rounds = measured[index]!;
      if (typeof rounds === "string") continue;
      const images = once();
      if (typeof images === "string") measured[index] = images;
      else rounds.push(images);
    }
  }
  const { title, wholeRun } = networks[name];
  const steps = ours.map((rounds) => rounds.map(({ step }) => step));
  const best = Math.max(...steps.map(median));
  const rows = threads.flatMap((count, index) => {
    const rounds = ours[index]!;
    const registers = median(rounds.map(({ peak }) => peak));
    return [
      row(`${title}: step, ${count} thread(s)`, steps[index]!),
      row(
        "… its products",
        rounds.map(({ products, peak }) => (100 * products) / peak),
        "%",
        ` of ${format(registers)} GFLOP/s`,
      ),
      ...(wholeRun
        ? [
            row(
              "… whole run",
              rounds.map(({ run }) => run!),
            ),
            row(
              "… whole run against the step",
              rounds.map(({ run, step }) => run! / step),
              "×",
            ),
          ]
        : []),
    ];
  });
  if (threads.length > 1)
    rows.push(
      row(
        `… ${threads[1]} threads against one`,
        steps[1]!.map((step, round) => step / steps[0]![round]!),
        "×",
      ),
    );
  for (const [index, peer] of peers.entries()) {
    const rounds = measured[index]!;
    const against = `… our best against ${peer.title}`;
    rows.push(
      typeof rounds === "string"
        ? { name: against, value: null, unit: "×", goal: "", note: rounds }
        : {
            name: against,
            value: best / median(rounds),
            unit: "×",
            goal: "",
            note: `${format(median(rounds))} images/s, ${row("", rounds).note}`,
          },
    );
  }
  return rows;
}
