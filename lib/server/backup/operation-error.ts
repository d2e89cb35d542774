/** An operation that can't be done, in words for the person who runs the site. */
export class OperationError extends Error {
  override name = "OperationError";
}
