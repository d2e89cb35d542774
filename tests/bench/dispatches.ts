/**
 * GPU dispatches of a training step, counted without a GPU and compared with tf.layers on the same networks; and the
 * CPU time of replaying a captured step.
 */
import { startBackend } from "@/lib/runtime";
import { COUNTED_BATCH, countedNetworks, countStep, stepsOn } from "../support/counted-step";
import { provideCountingDevice } from "../support/counting-device";
import type { Measurement } from "./measure";
import { fastest } from "./measure";
import { tfLayersStep } from "./step";

const goals = { twoNorms: "≤ 22", cnn: "≤ 50", resnet: "≤ 480" } as const;
const peers = { twoNorms: { model: "mlp", input: [784] }, cnn: { model: "cnn", input: [32, 32, 3] } } as const;

/** Activates a device that computes nothing. */
export async function dispatches(): Promise<Measurement[]> {
  const device = provideCountingDevice();
  await startBackend("webgpu", { wasmPaths: "" });
  const measurements: Measurement[] = [];
  for (const name of ["twoNorms", "cnn", "resnet"] as const) {
    const network = countedNetworks[name];
    const { dispatches, gigabytes, uploadedBytes } = await countStep(network, device);
    let note = `${gigabytes.toPrecision(3)} GB bound, ${uploadedBytes} bytes uploaded`;
    if (name !== "resnet") {
      const { once, dispose } = tfLayersStep({ ...peers[name], batch: COUNTED_BATCH }, [256, 256]);
      await once();
      device.reset();
      await once();
      const peer = device.counts;
      note += `; tf.layers ${peer.dispatches} dispatches, ${(peer.boundBytes / 1e9).toPrecision(2)} GB`;
      note += `, ${Math.round(peer.uploadedBytes / 1e6)} MB uploaded`;
      dispose();
    }
    measurements.push({
      name: `dispatches of a step of ${network.what}, batch ${COUNTED_BATCH}`,
      value: dispatches,
      unit: "",
      goal: goals[name],
      note,
    });
  }
  measurements.push({
    name: "replaying a step of 784-256-256-10, our part of it",
    value: 1000 * (await replaySeconds()),
    unit: "ms",
    goal: "≤ 0.05",
    note: "on a device that does nothing; a browser adds its own",
  });
  return measurements;
}

/** Seconds per step, when many steps are encoded and submitted together. */
async function replaySeconds(): Promise<number> {
  const { steps, dispose } = stepsOn(countedNetworks.twoNorms);
  await steps.run(0, 3);
  const seconds = await fastest(20, async () => void (await steps.run(0, 5)));
  dispose();
  return seconds / 5;
}
