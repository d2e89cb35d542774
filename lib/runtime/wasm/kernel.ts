/** What our kernels for the WASM backend have in common. */
import type { TensorInfo } from "@tensorflow/tfjs-core";
import type { WasmProgram } from "./program";

export type Inputs = Record<string, TensorInfo>;

/** Null for inputs or attributes that TensorFlow.js's own kernel shall handle. */
export type Kernel = (inputs: Inputs, attributes: never, program: WasmProgram) => TensorInfo | TensorInfo[] | null;

export type Shape4 = [number, number, number, number];
