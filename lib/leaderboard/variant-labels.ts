/** Labels of the variants: which norms the network was trained with. */
import type { Variant } from "@/lib/records";

export const variantLabels: Record<Variant, string> = {
  bn: "all BN",
  "bn-bfn": "BN-BFN",
  "bn-bfn-p1": "BN-BFN, P1",
  "bn-bfn-p3": "BN-BFN, P3",
  bfn: "all BFN",
};
