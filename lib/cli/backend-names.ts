/** The values of `--backend`. */
export const backendWishes = ["auto", "webgpu", "wasm", "cpu"] as const;
export type BackendWish = (typeof backendWishes)[number];
