/**
 * The door of the data sets' room, for browsers and Node alike; reading them from disk is `store.ts`, for Node alone.
 */

export { augment, packShift, shiftsOf, unshifted } from "./augment";
export { gather, gatherLabels, normalizedValues } from "./batch";
export type { Dataset, DatasetArchive, DatasetFile, DatasetInfo, Normalization, Split } from "./dataset";
export { DatasetError, DatasetUnavailableError } from "./errors";
export { type LoadProgress, loadDataset, type ReadFile } from "./load";
export { shuffledOrder, split, type TrainingIndices } from "./order";
export { datasetInfo, datasets } from "./registry";
