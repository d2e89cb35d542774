/** The door of the data sets' room, for browsers and Node alike; reading them from disk is `store.ts`, for Node alone. */
export type { Dataset, DatasetArchive, DatasetFile, DatasetInfo, Normalization, Split } from "./dataset";
export { DatasetError, DatasetUnavailableError } from "./errors";
export { datasetInfo, datasets } from "./registry";
export { loadDataset, type LoadProgress, type ReadFile } from "./load";
export { shuffledOrder, split, type TrainingIndices } from "./order";
export { gather, gatherLabels, normalizedValues } from "./batch";
export { augment, packShift, shiftsOf, unshifted } from "./augment";
