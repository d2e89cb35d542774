/**
 * The exchange formats (browser to server, disk to program): recipes, run records, studies, trajectories and
 * safetensors files, and the issues found in them. Parsing only: no network, no tensors.
 */
import "./wording";

export { type CroissantFile, type CroissantRecords, croissant, type Licence } from "./croissant";
export { evaluationExamples, evaluationSteps, evaluationsPerRun, lossSteps } from "./curve-steps";
export { parseDecimal, wholeNumberSchema } from "./decimal";
export { type ExternalMethod, type ExternalRecord, externalRecordSchema, otherDataset } from "./external-record";
export {
  type ByMetric,
  byMetric,
  figures,
  isMetric,
  type MetricName,
  metricFields,
  metricNames,
  metricsIn,
  type RecordedMetric,
  type RequiredMetric,
  recordedMetrics,
} from "./figures";
export { describeValue, formatIssue, type Issue, issueSchema, issuesOf, mostIssues } from "./issue";
export { JsonError, parseJson } from "./json";
export {
  type MapCell,
  type MapPlace,
  type MapScore,
  type MomentumMap,
  mapCellSchema,
  mapSchema,
} from "./map-record";
export {
  type MeasuredBackend,
  type MeasuredNetwork,
  type MeasuredSpeed,
  type Measurement,
  measuredBackends,
  measuredNetworks,
  measurementSchema,
  plainName,
} from "./measurement";
export { type ModelName, modelNames, type Variant, variantNames } from "./names";
export { differingFields, type Recipe, recipeSchema, seedSchema, variantSchema } from "./recipe";
export { decodeResults, encodeResults, type Result, type Results, resultsFile } from "./results";
export {
  type LayerShift,
  type Manifest,
  manifestSchema,
  type RunRecord,
  runRecordSchema,
  type ScoreRecord,
  scoreFigures,
  scoreSchema,
  totalShift,
} from "./run-record";
export { decodeSafetensors, encodeSafetensors, type NamedTensor, SafetensorsError } from "./safetensors";
export {
  bestStaticSlug,
  type CommandRecord,
  type MethodSummary,
  type RegimeSummary,
  type RegisteredComparison,
  type Study,
  type StudyCell,
  type StudySummary,
  studyCellSchema,
  studySchema,
} from "./study-record";
export { characterCount, isText, repairText, textSchema } from "./text";
export {
  decodeTrajectory,
  encodeTrajectory,
  TRAJECTORY_FORMAT,
  type Trajectory,
  TrajectoryError,
  type TrajectoryHeader,
  type Weights,
} from "./trajectory";
export { DMBENCH_VERSION } from "./version";
