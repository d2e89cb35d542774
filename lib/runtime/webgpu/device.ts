/**
 * A WebGPU device of our own under the TensorFlow.js backend: the adapter's full
 * limits instead of the defaults, and faults that stop a run instead of turning
 * results into zeros.
 */
import "@tensorflow/tfjs-backend-webgpu";
import { env, findBackendFactory, registerBackend, removeBackend } from "@tensorflow/tfjs-core";
import { CapturingBackend } from "./backend";

const raisedLimits = [
  "maxBufferSize",
  "maxStorageBufferBindingSize",
  "maxComputeWorkgroupStorageSize",
  "maxComputeWorkgroupSizeX",
  "maxComputeInvocationsPerWorkgroup",
  "maxComputeWorkgroupsPerDimension",
  "maxStorageBuffersPerShaderStage",
] as const;

export interface WebGPUDevice {
  device: GPUDevice;
  /** What the browser says of the adapter. */
  adapter: string;
  /** The browser's fallback adapter, or a known one in software. */
  emulated: boolean;
  /** Called once, with a reason, when the device is lost or reports an error nobody caught. */
  onFault: (listener: (reason: string) => void) => void;
}

/**
 * Requests a device and registers the "webgpu" backend on it, in the place of any before.
 * @throws Error that says why there is none
 */
export async function registerWebGPU(): Promise<WebGPUDevice> {
  const gpu = (globalThis.navigator as Navigator | undefined)?.gpu;
  if (!gpu) throw new Error("this browser has no WebGPU");
  const adapter = await gpu.requestAdapter({ powerPreference: "high-performance" });
  if (!adapter) throw new Error("the browser offers no WebGPU adapter");
  const device = await adapter.requestDevice({
    requiredLimits: Object.fromEntries(raisedLimits.map((limit) => [limit, adapter.limits[limit]])),
    requiredFeatures: (["timestamp-query", "shader-f16", "subgroups"] as GPUFeatureName[]).filter((feature) =>
      adapter.features.has(feature),
    ),
  });
  const listeners: ((reason: string) => void)[] = [];
  let fault: string | null = null;
  const report = (reason: string) => {
    if (fault !== null) return;
    fault = reason;
    listeners.forEach((listener) => listener(reason));
  };
  device.addEventListener("uncapturederror", (event) => report(`WebGPU error: ${event.error.message}`));
  void device.lost.then(({ reason, message }) => report(`the WebGPU device was lost (${reason}): ${message}`));

  // Decided on the GPU alone: small tensors would otherwise be computed on the CPU, with other roundings.
  env().set("WEBGPU_CPU_FORWARD", false);
  // The tiled product (MatMulPackedProgram): another one adds with float atomics, in any order.
  env().set("WEBGPU_MATMUL_PROGRAM_TYPE", 3);
  // The gradient of a convolution by its input as a product of tiles, not one thread a value.
  env().set("WEBGPU_USE_NAIVE_CONV2D_TRANSPOSE", false);
  if (findBackendFactory("webgpu")) removeBackend("webgpu"); // its own, of default limits, or an earlier device of ours
  registerBackend("webgpu", () => new CapturingBackend(device, adapter.info), 3);
  const { vendor, architecture, description, isFallbackAdapter } = adapter.info;
  const names = [vendor, architecture, description].filter(Boolean).join(" ") || "unnamed adapter";
  return {
    device,
    adapter: names,
    emulated: isFallbackAdapter || /swiftshader|llvmpipe|lavapipe/i.test(names),
    onFault: (listener) => (fault === null ? listeners.push(listener) : listener(fault)),
  };
}
