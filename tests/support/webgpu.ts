/**
 * WebGPU in Node, by Dawn (npm `webgpu`, the implementation inside Chromium). On a software adapter it shows what is
 * correct, not what is fast.
 */

/**
 * Installs `navigator.gpu` and the constants of WebGPU as a browser has them.
 * @returns undefined if there is an adapter, else the reason and the remedy
 */
export async function provideWebGPU(): Promise<string | undefined> {
  try {
    const { create, globals } = await import("webgpu");
    const gpu = create([]);
    Object.assign(globalThis, globals);
    Object.defineProperty(globalThis, "navigator", { value: { gpu, userAgent: "node" }, configurable: true });
    return (await gpu.requestAdapter())
      ? undefined
      : "no adapter: install Debian's chromium or run `npx playwright install chromium`, which bring one in software";
  } catch (error) {
    return `no WebGPU in Node: run \`npm ci\` with optional dependencies (${(error as Error).message})`;
  }
}
