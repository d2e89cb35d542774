/**
 * Momentum policies: their language, their canonical form and hash, and the published ones. Imports zod, jsep and
 * @noble/hashes, and no tensor. Programs for other libraries are in ./export.
 */
export { type BuiltInPolicy, builtInPolicies, staticSweep } from "./built-in";
export { estimatorsOf, usesLabels } from "./choice";
export { canonicalExpression, compile, type Expression, variablesOf } from "./expression";
export { type LayerMomentum, layerMomentaOf } from "./layer-momentum";
export { expressionToLatex, expressionToMath } from "./math";
export { describeMomentum, momentumWindow, pyTorchMomentum } from "./momentum";
export { isPeriodic } from "./periodic";
export {
  canonicalPolicy,
  defaultCandidates,
  describeRecalibration,
  type MomentumPolicy,
  maxDocumentCharacters,
  type PeriodicPolicy,
  type PolicyDocument,
  parsePolicy,
  parsePolicyText,
  policyHash,
  policySchema,
  type RecalibratePolicy,
  recalibrate,
  type SchedulePolicy,
  type SelectPolicy,
  schedule,
  select,
  type VarianceEstimator,
} from "./policy";
export { PolicyError, type PolicyIssue } from "./policy-error";
export {
  checkMomentum,
  evaluationBudget,
  type MomentumSchedule,
  momentumSchedule,
  policyCost,
  type RunShape,
  scheduleOn,
} from "./schedule";
export { limits } from "./syntax";
export { type Scope, type VariableName, vocabulary } from "./vocabulary";
