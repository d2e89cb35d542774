/** The names of the networks and variants. */
export const modelNames = ["mlp", "mlp-deep", "cnn", "resnet-50"] as const;

/**
 * Which norms a network trains with. `bn`: batch norm everywhere. `bn-bfn`:
 * batch-free norms in XBNBlock's recommended places (P2 in a bottleneck, every
 * second norm of a plain network); `-p1` and `-p3` are its other two places.
 * `bfn`: batch-free everywhere, so no momentum at all. Huang et al., CVPR 2022.
 */
export const variantNames = ["bn", "bn-bfn", "bn-bfn-p1", "bn-bfn-p3", "bfn"] as const;

export type ModelName = (typeof modelNames)[number];
export type Variant = (typeof variantNames)[number];
