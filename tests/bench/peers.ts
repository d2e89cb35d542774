/** Our training step against peers', in interleaved rounds: medians, spreads and ratios. */
import { spawnSync } from "node:child_process";
import os from "node:os";
import { fileURLToPath } from "node:url";
import type { Measurement } from "./measure";
import { median } from "./measure";
import type { NetworkName } from "./networks";
import { networks } from "./networks";
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

/** The last line that a program prints. */
function run(command: string, args: readonly string[], env: Record<string, string> = {}): string | Error {
  const { status, stdout, stderr } = spawnSync(command, args, {
    encoding: "utf8",
    timeout: 300_000,
    env: { ...process.env, ...env },
  });
  if (status === 0) return stdout.trim().split("\n").at(-1)!;
  const lines = (stderr ?? "").trim().split("\n");
  return new Error(lines.find((line) => /Error/.test(line)) ?? lines.at(-1) ?? `ended with ${status}`);
}

const here = (file: string) => fileURLToPath(new URL(file, import.meta.url));
const figure = (printed: string | Error): number | string =>
  printed instanceof Error ? printed.message : Number(printed);
const program = (file: string, ...args: (string | number)[]) =>
  run(process.execPath, ["--import", "tsx", here(file), ...args.map(String)]);

/** Of the first Python that has PyTorch. Its threads are those of OpenMP and of OpenBLAS. */
function pyTorch(name: NetworkName, threads: number): number | string {
  const { recipe, steps } = networks[name];
  const args = [here("./step_torch.py"), name, ...[recipe.batchSize, steps, threads].map(String)];
  const printed = ["/usr/bin/python3", "python3"].map((python) => () => run(python, args));
  const first = printed[0]!();
  return figure(first instanceof Error && !first.message.includes("BLAS") ? printed[1]!() : first);
}

const peersOf = (name: NetworkName, threads: readonly number[]): Peer[] => [
  ...threads.map((count) => ({
    title: `PyTorch, ${count} thread(s)`,
    once: () => pyTorch(name, count),
  })),
  ...(name === "mlp"
    ? [
        { title: "jax-js on WASM", once: () => figure(program("./step_jax.ts")) },
        { title: "tf.layers on WASM", once: () => figure(program("./step_layers.ts")) },
      ]
    : []),
];

const format = (value: number) => Number(value.toPrecision(3)).toLocaleString("en");

/** A row with the median of the rounds, and their spread. */
const row = (name: string, values: readonly number[], unit = "images/s", note = ""): Measurement => ({
  name,
  value: median(values),
  unit,
  goal: "",
  note: `${format(Math.min(...values))} to ${format(Math.max(...values))}${note}`,
});

/** Times a network and its peers in turn, so that all see the same machine. */
export function againstPeers(name: NetworkName): Measurement[] {
  const threads = [...new Set([1, os.availableParallelism()])];
  const ours = threads.map((): OurStep[] => []);
  const peers = peersOf(name, threads);
  const measured: Rounds[] = peers.map(() => []);
  for (let round = 0; round < ROUNDS; round++) {
    for (const [index, count] of threads.entries()) {
      const printed = program("./step_ours.ts", name, count);
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
