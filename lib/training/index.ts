/** Training runs, from recipe to scored policies: plan, run, score, record. */
export { figuresOf, manifestOf, recordOf, thinnedLosses } from "./make-record";
export { type MeasureEvent, measureSteps, measureTraining, type Speed } from "./measure";
export { operationsPerImage } from "./measured-networks";
export { describeMemory, OutOfMemory } from "./memory";
export { type Observation, observe } from "./observe";
export { planRun, type RunPlan } from "./plan";
export { keepsTrace, type RunCheckpoint, type StepProgress, TrainingDiverged, TrainingRun } from "./run";
export { type RunFacts, runFacts } from "./run-facts";
export { runLayers, runShape } from "./run-shape";
export { type RunMoment, scoreAlong } from "./score-along";
export { type Examples, examplesOf, type ScoredPolicy, type Scorer, scorePolicies } from "./scoring";
export { selfTest } from "./self-test";
export type { StepParts } from "./steps/capture";
export {
  type Checkpoint,
  type NamedPolicy,
  type StepCost,
  type TrainingProgress,
  type TrainingResult,
  trainAndScore,
} from "./train";
export { type LoadedTrajectory, loadTrajectory, recordTrajectory, trajectoryFile } from "./trajectory";
export { type DescribedRun, trajectoryFault } from "./trajectory-of-run";
export { bestOnValidation } from "./validation";
