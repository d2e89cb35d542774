/** Who a data set is by. */
import type { DatasetInfo } from "./dataset";

/** Authors, title and year, as text. */
export const attributionOf = ({ creators, title, published }: DatasetInfo): string =>
  `${creators.join(", ")}: ${title}, ${published}.`;
