/** Errors of a data set: a damaged or wrong file, or no copy at all. */
import type { Issue } from "@/lib/records";
import { formatIssue } from "@/lib/records";

/** A file is damaged or isn't the published one. */
export class DatasetError extends Error {
  override name = "DatasetError";
  /** Its field is the file. */
  readonly issue: Issue;

  constructor(issue: Omit<Issue, "remedy"> & Partial<Issue>, options?: ErrorOptions) {
    const whole = { remedy: "The file is damaged or not the published one: replace it.", ...issue };
    super(formatIssue(whole), options);
    this.issue = whole;
  }
}

/** There is no copy of a data set on this machine; the message lists the ways to get one. */
export class DatasetUnavailableError extends Error {
  override name = "DatasetUnavailableError";
}
