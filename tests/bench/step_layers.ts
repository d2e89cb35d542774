/** The MLP's training step in tf.layers, on WASM with all threads. A separate program that prints images per second. */
import { startNodeBackend } from "@/lib/runtime/node";
import { fastest } from "./measure";
import { mlp, tfLayersStep } from "./step";

await startNodeBackend("wasm");
const { once } = tfLayersStep({ model: "mlp", ...mlp });
for (let warmUp = 0; warmUp < 2; warmUp++) await once();
const steps = 6;
const seconds = await fastest(3, async () => {
  for (let index = 0; index < steps; index++) await once();
});
console.log((steps * mlp.batch) / seconds);
process.exit(0);
