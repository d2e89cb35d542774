/** Training runs from recipe to scored policies: plan, run, score, record. */
export { type Checkpoint, conduct, type Conducted, type NamedPolicy, type Report } from "./conduct";
export { OutOfMemory } from "./memory";
export { planRun, type RunPlan } from "./plan";
export type { Recipe } from "./recipe";
export { keepsTrace, type RunCheckpoint, type StepsReport, TrainingDiverged, TrainingRun } from "./run";
export { observe, type Observation } from "./observation";
export { recordOf } from "./record";
export { runRecordSchema, type RunRecord, type ScoreRecord } from "./run-record";
export { type Examples, examplesOf, type ScoredPolicy, scorePolicies } from "./scoring";
export { selfTest } from "./self-test";
export { bestOnValidation } from "./validation";
export { DMBENCH_VERSION } from "./version";
