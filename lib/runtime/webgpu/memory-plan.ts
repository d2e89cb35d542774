/**
 * Which buffer each tensor of a captured step lies in. Tensors that are never needed at the same time share a buffer:
 * greedy by size (Pisarchyk & Lee 2020, "Efficient memory management for deep neural net inference").
 */

/** Memory that a step needs from its dispatch `first` to its dispatch `last`. */
export interface Need {
  bytes: number;
  first: number;
  last: number;
}

export interface MemoryPlan {
  /** The size of each buffer. */
  buffers: number[];
  /** By need, in the order given: its buffer. */
  bufferOf: number[];
}

/** The largest need chooses first, and takes the first buffer that is free throughout. */
export function planMemory(needs: readonly Need[]): MemoryPlan {
  const buffers: { bytes: number; needs: Need[] }[] = [];
  const bufferOf = new Array<number>(needs.length);
  const bySize = needs.map((need, index) => ({ need, index })).sort((a, b) => b.need.bytes - a.need.bytes);
  for (const { need, index } of bySize) {
    const free = buffers.findIndex((buffer) => buffer.needs.every((other) => !overlap(need, other)));
    const place = free < 0 ? buffers.push({ bytes: need.bytes, needs: [] }) - 1 : free;
    buffers[place]!.needs.push(need);
    bufferOf[index] = place;
  }
  return { buffers: buffers.map(({ bytes }) => bytes), bufferOf };
}

const overlap = (a: Need, b: Need): boolean => a.first <= b.last && b.first <= a.last;
