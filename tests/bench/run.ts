/**
 * `npm run bench [-- --json | --profile | --gpu]`: speed, as ratios against peers in the same run; where a step's time
 * goes; or training on a GPU. Nothing here fails, since machines are shared; RESULTS.md records the figures.
 */
import { startNodeBackend } from "@/lib/runtime/node";
import { digits } from "./digits";
import { dispatches } from "./dispatches";
import { onGpu } from "./gpu";
import type { Measurement } from "./measure";
import type { NetworkName } from "./networks";
import { networks } from "./networks";
import { againstPeers } from "./peers";
import { profile } from "./profile";
import { ranking } from "./ranking";
import { scoring } from "./scoring";

async function measure(): Promise<Measurement[]> {
  const rows = (Object.keys(networks) as NetworkName[]).flatMap(againstPeers);
  await startNodeBackend("wasm");
  const { trainingSeconds, scoringSeconds, sixteenPolicies } = await digits();
  return [
    ...rows,
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
    ...(await dispatches()), // last: it replaces the GPU
  ];
}

function print(measurements: readonly Measurement[]): void {
  for (const { name, value, unit, goal, note } of measurements) {
    const measured = value === null ? "not measured" : `${Number(value.toPrecision(3)).toLocaleString("en")} ${unit}`;
    console.log(`${name.padEnd(52)} ${measured.padStart(18)}  ${goal.padEnd(8)} ${note ?? ""}`);
  }
}

if (process.argv.includes("--profile")) await profile();
else if (process.argv.includes("--gpu")) onGpu(print);
else if (process.argv.includes("--json")) console.log(JSON.stringify(await measure(), null, 2));
else print(await measure());
process.exit(0);
