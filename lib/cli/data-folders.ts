/** Where the command finds data sets: the user's folder, this project's, or the cache shared with the site. */
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import type { Dataset } from "@/lib/datasets";
import type { StoreOptions } from "@/lib/datasets/store";
import { loadStoredDataset } from "@/lib/datasets/store";
import type { Terminal } from "./terminal";

/** A path inside the folder of everything that the command and the site store. */
export const dataFolder = (...parts: string[]): string =>
  resolve(process.env.DMBENCH_DATA_DIR?.trim() || ".data", ...parts);

/** Options for `lib/datasets/store`, from DMBENCH_DATASETS_DIR and DMBENCH_DATA_DIR. */
export function storeOptions(terminal: Pick<Terminal, "err" | "progress" | "signal">): StoreOptions {
  return {
    datasetsDir: process.env.DMBENCH_DATASETS_DIR?.trim() || null,
    cacheDir: dataFolder("datasets"),
    embeddedDir: fileURLToPath(new URL("../../public/datasets", import.meta.url)),
    onProgress: ({ file, receivedBytes, totalBytes }) =>
      terminal.progress(`${file}: ${megabytes(receivedBytes)}${totalBytes ? ` of ${megabytes(totalBytes)}` : ""} MB`),
    onWarning: ({ message }) => terminal.err(`warning: ${message}\n`),
    signal: terminal.signal,
  };
}

export const megabytes = (bytes: number): string => (bytes / 1e6).toFixed(1);

/** Loads a data set from disk; downloads it first if need be. */
export const openDataset = (slug: string, terminal: Pick<Terminal, "err" | "progress" | "signal">): Promise<Dataset> =>
  loadStoredDataset(slug, storeOptions(terminal));
