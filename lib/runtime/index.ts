/** Backends: choosing one, starting it, and what it can do. The only room that knows one backend from another. */
export { type BackendInfo, type BackendName, type BackendOptions, type MemoryLimits, startBackend } from "./backends";
export { type BackendChoice, type BackendProbe, type ChooseOptions, chooseBackend, type Rejection } from "./choose";
