/** URLs of the WASM backend's programs. The bundler serves a file only where `new URL` has a literal argument. */

/** URLs are absolute; `origin` because a worker's base URL may not be the site's. */
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
