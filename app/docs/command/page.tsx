/** Documentation of the command: what it does without the site, with examples to paste. */

import type { Metadata } from "next";
import { Crumbs } from "@/app/_components/text/crumbs";
import { Section } from "@/app/_components/text/section";

export const metadata: Metadata = {
  title: "The command",
  description: "dmbench: train, repeat the study, record and score trajectories, publish, from a terminal.",
};

const commands: readonly [name: string, does: string, example: string][] = [
  [
    "train",
    "trains one network, scores every policy on it, and prints the table or, with --json, the run record that " +
      "the site publishes",
    "npm run -s dmbench -- train --dataset fashion-mnist --model mlp --epochs 3 --seed 0 --out results",
  ],
  [
    "study",
    "the dissertation’s comparison over seeds; a stopped study goes on where it was",
    "npm run -s dmbench -- study --suite laptop --out results/laptop",
  ],
  [
    "map",
    "measures which momentum costs how much at which batch, after how many steps, for the page that chooses one; a " +
      "stopped map goes on where it was",
    "npm run -s dmbench -- map --datasets digits --seeds 3 --out results/map",
  ],
  [
    "trajectory",
    "records reference runs of a benchmark: weights, trace, data hash and recipe",
    "npm run -s dmbench -- trajectory --benchmark fashion-mnist-mlp --held-out 20",
  ],
  [
    "results",
    "computes a benchmark’s published results from public seeds, or computes them again and compares every figure",
    "npm run -s dmbench -- results --benchmark mnist-mlp --verify --runs 1",
  ],
  [
    "score",
    "replays a policy on a trajectory and evaluates it, as the server does",
    "npm run -s dmbench -- score --policy policy.json --trajectory run.safetensors --json",
  ],
  [
    "datasets",
    "which data sets are here, from where; fetches and checks them",
    "npm run -s dmbench -- datasets verify fashion-mnist",
  ],
  ["login", "keeps a token of yours for the commands below", "npm run -s dmbench -- login"],
  [
    "submit",
    "publishes a run record, a network of your own or a policy",
    'npm run -s dmbench -- submit policy policy.json --name "Capped average"',
  ],
  [
    "contribute",
    "asks a board for seeds, trains them and publishes each run as it ends; what can’t be sent is kept",
    "npm run -s dmbench -- contribute --benchmark digits-mlp --runs 10",
  ],
  [
    "board, export",
    "a board in the terminal, or as a file; without a name, the one over all boards",
    "npm run -s dmbench -- board digits-mlp",
  ],
  [
    "backup, restore, dump, import, move, reset-password, retire, snapshot, work",
    "for whoever runs a site: see Running a site",
    "npm run -s dmbench -- backup ~/backups/monday",
  ],
];

export default function CommandPage() {
  return (
    <>
      <Crumbs path={[{ href: "/docs", title: "Documentation" }]} />
      <h1>The command</h1>
      <p className="lede">
        Everything that the site computes can be computed in a terminal, by the same code and into the same records.
      </p>
      <dl className="facts section">
        {commands.map(([name, does, example]) => (
          <div key={name} id={name.split(", ")[0]}>
            <dt>
              <code>{name}</code>
            </dt>
            <dd>
              {does}
              <br />
              <code className="break-all">{example}</code>
            </dd>
          </div>
        ))}
      </dl>
      <Section id="conduct" title="How it behaves" prose>
        <p>
          Results go to standard output, progress with the time left to standard error. Every command has{" "}
          <code>--help</code> with examples. A wrong name is answered with the valid ones and the nearest; a recipe out
          of range is refused before anything starts. Ctrl-C keeps what is finished. The exit code is 0 where all went
          well, 2 where the request was wrong, 130 after Ctrl-C and 1 for everything else.
        </p>
        <p>
          A folder to write to is tried before the work starts, and if its disk fails later, the record is printed.
          Closing the output (<code>2&gt;&amp;1 | head</code>) ends nothing. Settings are read as the site reads them:
          from the environment, <code>.env.local</code>, <code>.env</code>.
        </p>
        <p>
          <code>--backend</code> takes <code>auto</code>, <code>webgpu</code>, <code>wasm</code> or <code>cpu</code>.
          <code>--threads</code> limits the threads of WASM. WebGPU in Node is Dawn, npm&rsquo;s optional{" "}
          <code>webgpu</code>; <code>auto</code> takes the fastest whose numbers pass the self-test.
        </p>
      </Section>
    </>
  );
}
