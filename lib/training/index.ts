/** Training runs from recipe to scored policies: plan, run, score, record. */
export { planRun, type RunPlan } from "./plan";
export type { Recipe } from "./recipe";
export { keepsTrace, type StepsReport, TrainingDiverged, TrainingRun } from "./run";
export { observe, type Observation, observedPolicies } from "./observation";
export { recordOf } from "./record";
export { runRecordSchema, type RunRecord, type ScoreRecord } from "./run-record";
export { allOf, type Examples, type ScoredPolicy, scorePolicies } from "./scoring";
export { selfTest } from "./self-test";
export { bestOnValidation } from "./validation";
export { DMBENCH_VERSION } from "./version";
