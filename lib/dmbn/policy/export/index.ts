/** Momentum policies as programs for other libraries: PyTorch, Keras 3 and tf.layers. */
export { toKeras } from "./keras";
export { toPyTorch } from "./pytorch";
export type { CodeExport } from "./shared";
export { toTfLayers } from "./tf-layers";
