/** Data sets, for browsers and Node: registry, decoding, batches. Reading from disk is in `store.ts`, for Node only. */

export { attributionOf } from "./attribution";
export { augment, packShift, shiftsOf, unshifted } from "./augment";
export { gather, gatherLabels, normalizedValues } from "./batch";
export { datasetCroissant } from "./croissant";
export type { Dataset, DatasetArchive, DatasetFile, DatasetInfo, Normalization, Split } from "./dataset";
export { DatasetError, DatasetUnavailableError } from "./errors";
export { type LoadProgress, loadDataset, type ReadFile } from "./load";
export { shuffledOrder, split, type TrainingIndices } from "./order";
export { datasetInfo, datasets } from "./registry";
export { withTestSize } from "./test-size";
