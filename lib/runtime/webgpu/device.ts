/**
 * Our own WebGPU device for the TensorFlow.js backend: with the adapter's full
 * limits instead of the defaults, and with errors that stop a run instead of
 * silently returning zeros.
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
  /** A description of the adapter from the browser or driver. */
  adapter: string;
  /** Whether the adapter is the browser's fallback or a known software adapter. */
  emulated: boolean;
  /** Calls the listener once, with a reason, when the device is lost or reports an uncaught error. */
  onFault: (listener: (reason: string) => void) => void;
}

/**
 * Requests a device and registers the "webgpu" backend on it, replacing any earlier one.
 * @throws Error with the reason if there is no device
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
    for (const listener of listeners) listener(reason);
  };
  device.addEventListener("uncapturederror", (event) => report(`WebGPU error: ${event.error.message}`));
  void device.lost.then(({ reason, message }) => report(`the WebGPU device was lost (${reason}): ${message}`));

  // Small tensors would otherwise be computed on the CPU, with different rounding.
  env().set("WEBGPU_CPU_FORWARD", false);
  // The tiled product (MatMulPackedProgram). The alternative adds with float atomics, in no fixed order.
  env().set("WEBGPU_MATMUL_PROGRAM_TYPE", 3);
  // The input gradient of a convolution as a tiled product, instead of one thread per value.
  env().set("WEBGPU_USE_NAIVE_CONV2D_TRANSPOSE", false);
  if (findBackendFactory("webgpu")) removeBackend("webgpu"); // TensorFlow.js's, with default limits, or our earlier one
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
