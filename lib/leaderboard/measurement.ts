/** Publishing a measurement of how fast a machine trains: what a client sends, and what can't be true. */
import { z } from "zod";
import type { MeasuredBackend, MeasuredNetwork, Measurement } from "@/lib/records";
import { measuredNetworks, measurementSchema } from "@/lib/records";
import type { Refusal } from "./refusal";
import { idempotencyKeySchema } from "./submission";

/** The largest body in bytes. */
export const measurementBytes = 16 * 1024;

export const measurementSubmissionSchema = z.strictObject({
  idempotencyKey: idempotencyKeySchema,
  measurement: measurementSchema,
});

export type MeasurementSubmission = z.infer<typeof measurementSubmissionSchema>;

export const networkTitles: Record<MeasuredNetwork, string> = {
  mlp: "MLP, batch 64",
  cnn: "CNN, batch 32",
  "resnet-50": "ResNet-50, width ¼, batch 32",
};

export const measuredBackendTitles: Record<MeasuredBackend, string> = { webgpu: "WebGPU", wasm: "WASM", cpu: "CPU" };

/**
 * Multiplications and additions a second that no single machine sustains: about ten times what a data centre's GPU of
 * 2025 makes of float32 in its product units (NVIDIA B200: 8·10¹³).
 */
export const mostOperationsPerSecond = 1e15;

/**
 * Refuses what is faster than any machine.
 * @param operationsPerImage multiplications and additions that training on one image takes at least
 */
export function measurementRefusals(
  { speeds }: Measurement,
  operationsPerImage: (network: MeasuredNetwork) => number,
): Refusal[] {
  const limits = Object.fromEntries(
    measuredNetworks.map((network) => [network, mostOperationsPerSecond / operationsPerImage(network)]),
  ) as Record<MeasuredNetwork, number>;
  return speeds.flatMap(({ network, imagesPerSecond: { most } }, index) =>
    most <= limits[network]
      ? []
      : [
          {
            reason: "invalid",
            field: `measurement.speeds[${index}].imagesPerSecond.most`,
            expected: `at most ${Math.floor(limits[network]).toLocaleString("en")} images/s, 10^15 operations a second`,
            found: String(most),
            remedy: "Measure again with no other program running; a clock that stood still makes such figures.",
          },
        ],
  );
}
