/** In how many examples two lists of predicted classes differ; an example that one of them lacks differs. */
export function countDifferent(a: Uint8Array, b: Uint8Array): number {
  if (a.length !== b.length) return a.length;
  let count = 0;
  for (let index = 0; index < a.length; index += 1) if (a[index] !== b[index]) count += 1;
  return count;
}
