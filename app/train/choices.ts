/** What the page's server side tells the form. */

export interface DatasetChoice {
  slug: string;
  name: string;
  /** What the site must fetch first; 0 where it has a copy. */
  bytesToFetch: number;
}

export interface PolicyChoice {
  slug: string;
  name: string;
  rule: string;
  /** `sweep`: a point of the static sweep; `fitted`: chosen or measured after the run; `published`: any other rule. */
  kind: "sweep" | "fitted" | "published";
}
