/** Backends: choosing one, starting it, and its limits. The only module that distinguishes backends. */
export { type BackendInfo, type BackendName, type BackendOptions, type MemoryLimits, startBackend } from "./backends";
export { beforeProducts } from "./before-products";
export { type BackendChoice, type BackendProbe, type ChooseOptions, chooseBackend, type Rejection } from "./choose";
export { ThreadDied } from "./wasm/helpers";
