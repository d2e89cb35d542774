/** What can be wrong with a data set: a file that isn't what it says, or no file at all. */

/** A file that isn't what it should be. */
export class DatasetError extends Error {
  override name = "DatasetError";
  readonly file: string;
  readonly expected: string;
  readonly found: string;
  readonly remedy: string;

  /** @param problem `remedy`: a sentence that says what the reader can do */
  constructor(
    { file, expected, found, remedy = replaceIt }: { file: string; expected: string; found: string; remedy?: string },
    options?: ErrorOptions,
  ) {
    super(`${file}: expected ${expected}, found ${found}. ${remedy}`, options);
    this.file = file;
    this.expected = expected;
    this.found = found;
    this.remedy = remedy;
  }
}

const replaceIt = "The file is damaged or not the published one: replace it.";

/** No copy of a data set is at hand; the message names the ways to get one. */
export class DatasetUnavailableError extends Error {
  override name = "DatasetUnavailableError";
}
