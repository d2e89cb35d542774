/** The leaderboard's rules, without I/O. */

export type { BoardAnswer } from "./answer";
export { answerInWords } from "./answer";
export { type AtomFeed, atomFeed, tagUri } from "./atom";
export type { AuditFinding, AuditOutcome, Spread } from "./audit";
export { auditFinding, auditInWords, auditOutcomes, hasPassed, isWithinSpread } from "./audit";
export { badge } from "./badge";
export type { Band, BoardStanding } from "./band";
export { bandInWords, formatBand, standingOf, standings } from "./band";
export { baselines } from "./baselines";
export type { Benchmark } from "./benchmarks";
export { benchmarks, needsGpu } from "./benchmarks";
export type { BoardEntry, Facets, Point, PolicyName, Resolution } from "./board-entry";
export type { BoardChart, BoardColumn, BoardView, Division, SortKey } from "./board-view";
export {
  boardCharts,
  boardColumns,
  boardViewSchema,
  builtInAuthor,
  changeView,
  columnsOf,
  deviceClasses,
  divisions,
  firstDirection,
  policyKinds,
  readBoardView,
  rowsPerAuthor,
  sortKeys,
  usualColumns,
  writeBoardQuery,
  writeBoardView,
} from "./board-view";
export type { ChooseView, FrameworkName } from "./choose-view";
export { chooseHref, frameworkNames, readChooseView } from "./choose-view";
export type { Cited } from "./citation";
export { bibtex, citationFile, citationFormats, citedBoard, citedPolicy, citedRun } from "./citation";
export type { ClassRate, CompareView } from "./compare-view";
export { apiHref, classRates, compareHref, listed, methodPattern, mostCompared, readCompareView } from "./compare-view";
export { countDifferent } from "./count-different";
export { type DeviceRecord, isSetAside } from "./devices";
export { type EmbedView, embedHref, embedThemes, embedView, fitFrame, frameHtml } from "./embed";
export type { Estimate, SeedMeans } from "./estimate";
export { estimateOverSeeds } from "./estimate";
export { boardCroissant } from "./export/croissant";
export { csvOf } from "./export/csv";
export type { Exported, ExportFormat } from "./export/formats";
export { exportFormatNames, exportFormats } from "./export/formats";
export { overBoardsCsv } from "./export/over-boards";
export type { ExternalScore, ExternalSubmission } from "./external";
export {
  bestConstant,
  bestExternal,
  externalFigure,
  externalSubmissionSchema,
  ownTrainingCode,
  verifyExternal,
} from "./external";
export { flagReasonSchema, subjectNames } from "./flag-reason";
export { resultsLicence } from "./licence";
export type { MeasurementSubmission } from "./measurement";
export {
  measuredBackendTitles,
  measurementBytes,
  measurementRefusals,
  measurementSubmissionSchema,
  mostOperationsPerSecond,
  networkTitles,
} from "./measurement";
export type { BoardNeed } from "./need";
export { byNeed, needInWords } from "./need";
export type { NoticeKind } from "./notice-kinds";
export { noticeKindNames, noticeKinds } from "./notice-kinds";
export type { OverBoardsEntry } from "./over-boards";
export { orderOverBoards } from "./over-boards";
export type { OverBoardsSort, OverBoardsView } from "./over-boards-view";
export {
  firstOverBoardsDirection,
  overBoardsApiHref,
  overBoardsHref,
  overBoardsSorts,
  overBoardsViewSchema,
  readOverBoardsView,
} from "./over-boards-view";
export type { PolicySubmission, PolicyTrial } from "./policy-submission";
export {
  policyRule,
  policySlug,
  policySubmissionBytes,
  policySubmissionSchema,
  policyTrialSchema,
} from "./policy-submission";
export type { QuotaName } from "./quotas";
export { dailyQuotas } from "./quotas";
export type { Reading } from "./readings";
export {
  dmbnReadings,
  headlineReadings,
  staticReadings,
  staticSlug,
  underOtherEstimators,
  varianceEstimators,
} from "./readings";
export { drawSeed, firstRuns, referenceVariants, scoredAtOnce } from "./reference";
export type { Refusal, RefusalReason } from "./refusal";
export { invalid, reusedKey } from "./refusal";
export { policyRulesVersion, rulesVersion } from "./rules-version";
export type { Scope } from "./scopes";
export { scopeNames, scopes } from "./scopes";
export { scorerVersion } from "./scorer-version";
export type { Snapshot } from "./snapshot";
export { changedPlaces, placeInParts, snapshotMarkdown } from "./snapshot";
export type { ClassSpeed, Comparison, DeviceClass } from "./speeds";
export { compareSpeed, deviceName, orderSpeeds, speedKey, speedsCsv } from "./speeds";
export type { SpeedsSort, SpeedsView } from "./speeds-view";
export {
  firstSpeedsDirection,
  measureSeconds,
  readSpeedsView,
  speedsApiHref,
  speedsHref,
  speedsSorts,
  speedsViewSchema,
} from "./speeds-view";
export type { Submission } from "./submission";
export { submissionBytes, submissionSchema } from "./submission";
export type { TicketCounts, TicketFacts } from "./ticket";
export { openTicketsAtMost, ticketDays, ticketRefusals } from "./ticket";
export type { Tier } from "./tiers";
export {
  claimedMetrics,
  firstStepsAgain,
  predictionsScored,
  recomputed,
  tiers,
  trainedAgain,
  weightsReEvaluated,
} from "./tiers";
export type { BackendWish, TrainingForm } from "./training-view";
export {
  backendWishes,
  benchmarkOf,
  defaultTrainingPolicies,
  ownSettings,
  readTrainingForm,
  recipeTexts,
  trainingFormOf,
  writeTrainingForm,
} from "./training-view";
export type { SearchParams } from "./url-state";
export { changedHref, urlState } from "./url-state";
export { variantLabels } from "./variant-labels";
export type { ServerFacts, Verification, VerifiedScore } from "./verify";
export { metricTolerance, verifySubmission } from "./verify";
export type { RecordFacts } from "./verify-record";
export { recordRefusals } from "./verify-record";
export type { MethodOnRun, WeightsFinding, WeightsOutcome } from "./weights";
export {
  replayBound,
  shiftTolerance,
  weightsFinding,
  weightsInWords,
  weightsKept,
  weightsLimitBytes,
  weightsOutcomes,
} from "./weights";
export { escapeXml } from "./xml";
