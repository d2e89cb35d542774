/**
 * The job that decides whether a backend is trusted gives the same numbers on all backends, and different numbers if a
 * kernel is wrong.
 */
import type { TensorInfo } from "@tensorflow/tfjs-core";
import { BatchMatMul, env, getBackend, getKernel, registerKernel, unregisterKernel } from "@tensorflow/tfjs-core";
import { beforeAll, expect, it } from "vitest";
import { chooseBackend, startBackend } from "@/lib/runtime";
import { selfTest } from "@/lib/training";
import { GATHER_BATCH } from "@/lib/training/kernels";
import { eachBackend } from "../support/backends";

let expected: number[];
beforeAll(async () => {
  await startBackend("cpu", { wasmPaths: "" });
  expected = await selfTest.compute();
});

const worst = (numbers: readonly number[]) =>
  Math.max(...numbers.map((value, index) => Math.abs(value - expected[index]!) / (1 + Math.abs(expected[index]!))));

/** Runs the job while kernel `name` returns its first output reversed along the first axis. */
async function withWrong(name: string): Promise<number[]> {
  const right = getKernel(name, getBackend());
  unregisterKernel(name, getBackend());
  registerKernel({
    ...right,
    kernelFunc: (call) => {
      const outputs = right.kernelFunc(call);
      const first = (Array.isArray(outputs) ? outputs[0] : outputs) as TensorInfo;
      const reversed = getKernel("Reverse", getBackend()).kernelFunc({
        inputs: { x: first },
        attrs: { dims: [0] } as never,
        backend: call.backend,
      }) as TensorInfo;
      return Array.isArray(outputs) ? [reversed, ...outputs.slice(1)] : reversed;
    },
  });
  try {
    return await selfTest.compute();
  } finally {
    unregisterKernel(name, getBackend());
    registerKernel(right);
  }
}

eachBackend("the self-test", (backend) => {
  it("agrees with the plain CPU", async () => {
    const numbers = await selfTest.compute();
    expect(numbers).toHaveLength(expected.length);
    expect(worst(numbers)).toBeLessThan(selfTest.tolerance / 10);
  });

  it.each([BatchMatMul, ...(backend === "webgpu" ? [GATHER_BATCH] : [])])(
    "detects that %s is wrong",
    async (name) => {
      expect(worst(await withWrong(name))).toBeGreaterThan(selfTest.tolerance);
    },
    60_000,
  );
});

it("leaves WebAssembly without SIMD out and says what would help", async () => {
  env().set("WASM_HAS_SIMD_SUPPORT", false);
  try {
    const choice = await chooseBackend({ wanted: "wasm", probe: selfTest, now: () => 0, wasmPaths: "" });
    expect(choice).toMatchObject({ name: "cpu", rejected: [{ name: "wasm" }] });
    expect(choice.reason).toMatch(/expected WebAssembly with SIMD.*update this browser/);
  } finally {
    env().set("WASM_HAS_SIMD_SUPPORT", true);
  }
});
