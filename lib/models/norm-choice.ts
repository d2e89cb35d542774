/**
 * Which norm each variant uses at which place. BN-BFN mixes batch norm with
 * batch-free norms as XBNBlock does (Huang et al., CVPR 2022); for plain
 * networks we alternate, beginning with batch norm (our reading).
 */

import type { Variant } from "@/lib/records";
import type { Layer } from "./layer";
import { batchNormLayer, groupNormLayer } from "./norm";
import { isBatchFree } from "./plain-norms";
import type { BottleneckPlace } from "./residual-norms";
import { isBatchFreeInBottleneck } from "./residual-norms";

/** XBNBlock's number of groups for a network of full width. */
const FULL_GROUPS = 64;

/** The place of a norm in a network. `alternating` is its index among the norms of a plain network. */
export type NormPlace = { alternating: number } | { bottleneck: BottleneckPlace };

export interface NormChoice {
  variant: Variant;
  epsilon: number;
  /** Width multiplier; the number of groups shrinks with it. */
  width: number;
}

/** The norm layer for `place`, on `channels` channels of an image (`spatial`) or a vector. */
export function normFor(
  place: NormPlace,
  channels: number,
  spatial: boolean,
  { variant, epsilon, width }: NormChoice,
  relu = true,
): Layer {
  const batchFree =
    "bottleneck" in place
      ? isBatchFreeInBottleneck(place.bottleneck, variant)
      : isBatchFree(place.alternating, variant);
  if (!batchFree) return batchNormLayer({ epsilon, relu });
  const groups = spatial ? divisorUpTo(channels, Math.max(1, Math.round(FULL_GROUPS * width))) : 1;
  return groupNormLayer({ groups, epsilon, relu });
}

/** The largest divisor of `value` that is at most `limit`. */
function divisorUpTo(value: number, limit: number): number {
  let divisor = Math.min(value, limit);
  while (value % divisor !== 0) divisor--;
  return divisor;
}
