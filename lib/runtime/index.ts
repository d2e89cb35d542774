/** Which backend runs, and what it can do: the door to everything that knows one backend from another. */
export { type BackendInfo, type BackendName, type BackendOptions, type MemoryLimits, startBackend } from "./backends";
export { type BackendChoice, type BackendProbe, type ChooseOptions, chooseBackend, type Rejection } from "./choose";
