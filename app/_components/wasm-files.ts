/** Addresses of the WASM backend's programs, as the bundler serves them. The literal form is what makes it do so. */

/** Addresses are absolute; `origin` because a worker's own base may not be the site's. */
export function wasmFiles(origin: string): { wasmPaths: Record<string, string>; wasmThreadProgram: string } {
  const absolute = ({ href }: URL) => new URL(href, origin).href;
  const wasmPaths = {
    "tfjs-backend-wasm.wasm": absolute(
      new URL("../../node_modules/@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm.wasm", import.meta.url),
    ),
    "tfjs-backend-wasm-simd.wasm": absolute(
      new URL("../../node_modules/@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm-simd.wasm", import.meta.url),
    ),
    "tfjs-backend-wasm-threaded-simd.wasm": absolute(
      new URL(
        "../../node_modules/@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm-threaded-simd.wasm",
        import.meta.url,
      ),
    ),
  };
  const wasmThreadProgram = absolute(
    new URL(
      "../../node_modules/@tensorflow/tfjs-backend-wasm/wasm-out/tfjs-backend-wasm-threaded-simd.js",
      import.meta.url,
    ),
  );
  return { wasmPaths, wasmThreadProgram };
}
