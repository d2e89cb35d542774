/**
 * `npm run bench [-- --json]`: how fast, as ratios against peers in the same
 * run. Nothing here fails; machines are shared, and RESULTS.md keeps the figures.
 */
import { cpus } from "node:os";
import { startNodeBackend } from "@/lib/runtime/node";
import { digits } from "./digits";
import type { Measurement } from "./measure";
import { ours, pyTorch, tfLayers } from "./mlp";

const BATCH = 64;

async function measure(): Promise<Measurement[]> {
  const { threads } = await startNodeBackend("wasm");
  const { trainingSeconds, scoringSeconds, sixteenPolicies } = await digits();
  const images = await ours(BATCH);
  const layers = await tfLayers(BATCH);
  const torch = pyTorch(BATCH, threads);
  const torchCores = pyTorch(BATCH, cpus().length);
  const ratio = (peer: number | string) => (typeof peer === "number" ? { value: images / peer } : { value: null, note: peer });
  return [
    { name: "digits, 10 epochs, both variants, all policies", value: trainingSeconds + scoringSeconds, unit: "s", goal: "≤ 60", note: `scoring ${scoringSeconds.toFixed(1)} s` },
    { name: "16 policies instead of 1, added to training", value: 100 * sixteenPolicies, unit: "%", goal: "≤ 15" },
    { name: `MLP step on WASM, batch ${BATCH}, ${threads} thread(s)`, value: images, unit: "images/s", goal: "" },
    { name: "… against tf.layers on the same backend", value: images / layers, unit: "×", goal: "" },
    { name: `… against PyTorch, ${threads} thread(s)`, ...ratio(torch), unit: "×", goal: "≥ 0.4" },
    { name: `… against PyTorch, ${cpus().length} threads`, ...ratio(torchCores), unit: "×", goal: "≥ 0.4" },
  ];
}

const measurements = await measure();
if (process.argv.includes("--json")) console.log(JSON.stringify(measurements, null, 2));
else {
  for (const { name, value, unit, goal, note } of measurements) {
    console.log(`${name.padEnd(52)} ${value === null ? "not measured" : `${Number(value.toPrecision(3)).toLocaleString("en")} ${unit}`.padStart(18)}  ${goal.padEnd(8)} ${note ?? ""}`);
  }
}
process.exit(0);
