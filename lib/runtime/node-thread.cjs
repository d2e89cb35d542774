/**
 * A thread of the WASM backend in Node. The backend tries to start threads from
 * blobs, which Node's workers can't load. This file runs the same two programs
 * from the package instead.
 */
const vm = require("node:vm");

const base = "@tensorflow/tfjs-backend-wasm/wasm-out/tfjs-backend-wasm-threaded-simd";

URL.createObjectURL = () => require.resolve(`${base}.js`);
Object.assign(globalThis, { require, __filename, __dirname });
// The package has this program as a string whose line breaks still need escaping.
vm.runInThisContext(require(`${base}.worker.js`).wasmWorkerContents.replace(/\n/g, "\\n"));
