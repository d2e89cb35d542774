/** A digest of the results of `lib/dmbn/elementary` to the last bit, over the same arguments in every engine. */
import * as elementary from "@/lib/dmbn/elementary";

const mask = (1n << 64n) - 1n;

/** Random doubles (SplitMix64): of any size, and within [0, 1). */
export function randomDoubles(seed: bigint): { any: () => number; unit: () => number } {
  let state = seed;
  const next = () => {
    state = (state + 0x9e3779b97f4a7c15n) & mask;
    let bits = state;
    bits = ((bits ^ (bits >> 30n)) * 0xbf58476d1ce4e5b9n) & mask;
    bits = ((bits ^ (bits >> 27n)) * 0x94d049bb133111ebn) & mask;
    return bits ^ (bits >> 31n);
  };
  const view = new DataView(new ArrayBuffer(8));
  return {
    any: () => {
      view.setBigUint64(0, next());
      return view.getFloat64(0);
    },
    unit: () => Number(next() >> 11n) / 2 ** 53,
  };
}

/** One 64-bit FNV-1a digest per function, in hexadecimal; every NaN counts the same. */
function digestOfResults(functions: Record<keyof typeof elementary, (...values: number[]) => number>) {
  const { any, unit } = randomDoubles(1n);
  const view = new DataView(new ArrayBuffer(8));
  const digest = (length: number, result: () => number) => {
    let hash = 0xcbf29ce484222325n;
    for (let i = 0; i < length; i++) {
      const value = result();
      view.setFloat64(0, value);
      hash = ((hash ^ (Number.isNaN(value) ? 1n : view.getBigUint64(0))) * 0x100000001b3n) & mask;
    }
    return hash.toString(16);
  };
  const ofOne = (["exp", "log", "sin", "cos", "tanh", "cbrt"] as const).map((name): [string, string] => {
    const apply = functions[name];
    const [all, near, far] = [() => apply(any()), () => apply(20 * unit() - 10), () => apply(1000 * unit())];
    return [name, [all, near, far].map((result) => digest(4000, result)).join(" ")];
  });
  const results = [
    () => functions.pow(any(), any()),
    () => functions.pow(unit(), 2000 * unit()),
    () => functions.pow(1 - unit() / 1000, Math.round(1e5 * unit())),
    () => functions.pow(10 * unit(), 20 * unit() - 10),
  ];
  return Object.fromEntries([...ofOne, ["pow", results.map((result) => digest(4000, result)).join(" ")]]);
}

/** The digest of our functions, and that of the engine's own. */
export const digests = () => ({ ours: digestOfResults(elementary), engine: digestOfResults(Math) });
