/**
 * The training step of a network in tf.layers: BACKEND (wasm with all threads, or webgpu) MODEL BATCH; default the MLP.
 * On WebGPU with the kernels of TensorFlow.js. A separate program that prints images per second.
 */
import { setBackend } from "@tensorflow/tfjs";
import { provideWebGPU } from "@/lib/runtime/dawn";
import { fastest } from "./measure";
import { mlp, tfLayersStep } from "./step";

const [backend, model = "mlp", batch = mlp.batch] = process.argv.slice(2);
if (backend === "wasm") {
  // Imported here: TensorFlow.js registers WebGPU when it is loaded, which must be after WebGPU is provided.
  const { startNodeBackend } = await import("@/lib/runtime/node");
  await startNodeBackend("wasm");
} else {
  await provideWebGPU();
  await import("@tensorflow/tfjs-backend-webgpu");
  if (!(await setBackend("webgpu"))) throw new Error("the webgpu backend did not start");
}
const input = model === "mlp" ? mlp.input : [32, 32, 3];
const { once } = tfLayersStep({ model: model as "mlp" | "cnn", input, batch: Number(batch) });
for (let warmUp = 0; warmUp < 2; warmUp++) await once();
const steps = 6;
const seconds = await fastest(3, async () => {
  for (let index = 0; index < steps; index++) await once();
});
console.log((steps * Number(batch)) / seconds);
process.exit(0);
