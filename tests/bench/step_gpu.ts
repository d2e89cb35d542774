/** Our training step on WebGPU: BOARD MODEL WIDTH BATCH SECONDS. A separate program that prints a JSON object. */
import type { Recipe } from "@/lib/records";
import { startNodeBackend } from "@/lib/runtime/node";
import type { Speed } from "@/lib/training";
import { measureSteps } from "@/lib/training";
import { noisePlan } from "./networks";

const [board, model, width, batchSize, seconds] = process.argv.slice(2);
const { limits, onFault } = await startNodeBackend("webgpu");
onFault((reason) => {
  console.error(`Error: ${reason}`);
  process.exit(1);
});
const recipe = {
  model: model as Recipe["model"],
  width: Number(width),
  batchSize: Number(batchSize),
  learningRate: 0, // each step the same, as in captured.ts
};
const plan = noisePlan(board!, recipe);
const options = { seconds: Number(seconds), now: () => performance.now(), limits };
let measured: Speed | null = null;
for await (const event of measureSteps(() => plan, options)) if (event.kind === "measured") measured = event.speed;
if (!measured) throw new Error(`no round within ${seconds} s`);
console.log(JSON.stringify(measured));
process.exit(0);
