/**
 * How a run computes its steps: batch by batch on any backend, or, if the backend
 * can capture a step, over data that stays on the device. Both give the same
 * numbers.
 */
import { stepCapture } from "./capture";
import { DeviceSteps } from "./device";
import { HostSteps } from "./host";
import type { Steps, StepsParts } from "./steps";

/** The fastest way to compute steps on the current backend. */
export function startSteps(parts: StepsParts): Steps {
  const capture = stepCapture();
  if (!capture) return new HostSteps(parts, null);
  const { images } = parts.plan.dataset.train;
  if (images.length > capture.tensorBytes)
    return new HostSteps(parts, "the data set is larger than the device takes in one piece");
  return new DeviceSteps(parts, capture);
}
