/**
 * `npm run bench [-- --json]`: speed, as ratios against peers in the same run. Nothing here fails, since machines are
 * shared; RESULTS.md records the figures.
 */
import { startNodeBackend } from "@/lib/runtime/node";
import { digits } from "./digits";
import { dispatches } from "./dispatches";
import type { Measurement } from "./measure";
import { ranking } from "./ranking";
import { scoring } from "./scoring";
import type { StepSettings } from "./step";
import { cnn, jaxJs, mlp, ours, pyTorch, tfLayers } from "./step";

async function measure(): Promise<Measurement[]> {
  const { threads } = await startNodeBackend("wasm");
  const { trainingSeconds, scoringSeconds, sixteenPolicies } = await digits();
  return [
    {
      name: "digits, 10 epochs, both variants, all policies",
      value: trainingSeconds + scoringSeconds,
      unit: "s",
      goal: "≤ 60",
      note: `scoring ${scoringSeconds.toFixed(1)} s`,
    },
    { name: "16 policies instead of 1, added to training", value: 100 * sixteenPolicies, unit: "%", goal: "≤ 15" },
    ...(await scoring()),
    ...ranking(),
    ...(await againstPeers("MLP", mlp, threads, { pyTorch: "≥ 0.6", jaxJs: "≥ 1.5", tfLayers: true })),
    ...(await againstPeers("CNN", cnn, threads, { pyTorch: "≥ 0.3" })),
    ...(await dispatches()), // last: it replaces the GPU
  ];
}

/** Peers and ours run in turn, so that all see the same machine. */
async function againstPeers(
  name: string,
  settings: StepSettings,
  threads: number,
  goals: { pyTorch: string; jaxJs?: string; tfLayers?: boolean },
): Promise<Measurement[]> {
  const first = await ours(settings);
  const torch = [...new Set([1, threads])]
    .map((count) => pyTorch(settings, count))
    .reduce((best, other) => (typeof best === "number" && typeof other === "number" ? Math.max(best, other) : best));
  const jax = goals.jaxJs && jaxJs();
  const images = Math.max(first, await ours(settings));
  const against = (peer: string, measured: number | string) =>
    typeof measured === "number"
      ? { value: images / measured, note: `${peer} ${Math.round(measured).toLocaleString("en")} images/s` }
      : { value: null, note: measured };
  return [
    {
      name: `${name} step on WASM, batch ${settings.batch}, ${threads} thread(s)`,
      value: images,
      unit: "images/s",
      goal: "",
    },
    ...(goals.tfLayers
      ? [
          {
            name: "… against tf.layers on the same backend",
            value: images / (await tfLayers(settings)),
            unit: "×",
            goal: "",
          },
        ]
      : []),
    {
      name: "… against PyTorch on the CPU, one or as many threads",
      unit: "×",
      goal: goals.pyTorch,
      ...against("PyTorch", torch),
    },
    ...(jax ? [{ name: "… against jax-js on WASM", unit: "×", goal: goals.jaxJs!, ...against("jax-js", jax) }] : []),
  ];
}

const measurements = await measure();
if (process.argv.includes("--json")) console.log(JSON.stringify(measurements, null, 2));
else {
  for (const { name, value, unit, goal, note } of measurements) {
    const measured = value === null ? "not measured" : `${Number(value.toPrecision(3)).toLocaleString("en")} ${unit}`;
    console.log(`${name.padEnd(52)} ${measured.padStart(18)}  ${goal.padEnd(8)} ${note ?? ""}`);
  }
}
process.exit(0);
