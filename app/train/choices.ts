/** The form's choices, as the server provides them. */

export interface DatasetChoice {
  slug: string;
  name: string;
  /** Bytes that the site must download first; 0 if it has a copy. */
  bytesToFetch: number;
}

export interface PolicyChoice {
  slug: string;
  name: string;
  rule: string;
  /** `sweep`: a point of the static sweep; `fitted`: chosen or measured after the run; `published`: any other rule. */
  kind: "sweep" | "fitted" | "published";
}

/** The size of a download needed before training can start; empty if the site has a copy. */
export function describeFetch(datasets: readonly DatasetChoice[], slug: string): string {
  const bytes = datasets.find((dataset) => dataset.slug === slug)?.bytesToFetch ?? 0;
  return bytes > 0 ? ` · ${megabytes(bytes)} to fetch first` : "";
}

export const megabytes = (bytes: number): string => `${Math.max(1, Math.round(bytes / 1e6))} MB`;
