/** Momentum policies: their language, their canonical form, the published ones, and their translation into other libraries. */
export { builtInPolicies, staticSweep, type BuiltInPolicy } from "./built-in";
export { canonicalExpression, compile, variablesOf, type Expression } from "./expression";
export { expressionToMath } from "./math";
export { describeMomentum, momentumWindow, pyTorchMomentum } from "./momentum";
export {
  canonicalPolicy,
  defaultCandidates,
  expressionSchema,
  isPeriodic,
  maxDocumentCharacters,
  parsePolicy,
  parsePolicyText,
  policyHash,
  policySchema,
  recalibrate,
  schedule,
  select,
  varianceEstimatorSchema,
  type MomentumPolicy,
  type PeriodicPolicy,
  type PolicyDocument,
  type RecalibratePolicy,
  type SchedulePolicy,
  type SelectPolicy,
  type VarianceEstimator,
} from "./policy";
export { PolicyError, type PolicyFault } from "./policy-error";
export { checkMomentum, evaluationBudget, expressionsOf, momentumSchedule, policyCost, type MomentumSchedule, type RunShape } from "./schedule";
export { limits } from "./syntax";
export { vocabulary, type Scope, type VariableName } from "./vocabulary";
