/** Training runs from recipe to scored policies: plan, run, score, record. */
export { figuresOf, recordOf } from "./make-record";
export { OutOfMemory } from "./memory";
export { observe, type Observation } from "./observe";
export { planRun, type RunPlan } from "./plan";
export { keepsTrace, type RunCheckpoint, type StepsReport, TrainingDiverged, TrainingRun } from "./run";
export { runLayers, runShape } from "./run-shape";
export { type Examples, examplesOf, type ScoredPolicy, scorePolicies, type Scorer } from "./scoring";
export { selfTest } from "./self-test";
export { type Checkpoint, conduct, type Conducted, type NamedPolicy, type Report, type StepCost } from "./train";
export { type LoadedTrajectory, loadTrajectory, recordTrajectory } from "./trajectory";
export { bestOnValidation } from "./validation";
