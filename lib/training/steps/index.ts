/**
 * How a run's steps are done: on any backend one by one, or, where a backend
 * can record a step, over data that lies on its device. Both give the same numbers.
 */

import { recorder } from "./capture";
import { DeviceSteps } from "./device";
import { HostSteps } from "./host";
import type { Steps, StepsParts } from "./steps";

export function startSteps(parts: StepsParts): Steps {
  const recording = recorder();
  if (!recording) return new HostSteps(parts, null);
  const { images } = parts.plan.dataset.train;
  if (images.length > recording.tensorBytes)
    return new HostSteps(parts, "the data set is larger than the device takes in one piece");
  return new DeviceSteps(parts, recording);
}
