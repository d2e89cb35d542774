/** Where threads wait for each other between two jobs of a list. */

/** Bytes of a barrier: how many threads have arrived since the list began, and how many sleep. */
export const BARRIER: usize = 8;

/** How often a thread looks before it sleeps: long enough for a job that one thread computes alone. */
const SPINS = 50_000;
/** Nanoseconds of one sleep, and how many a thread waits for the others; a process that was stopped has slept once. */
const NAP: i64 = 100_000_000;
const MOST_NAPS = 100;

/**
 * Arrives, and waits until `expected` threads have arrived since the list began: the number of threads times that of
 * the barriers so far.
 * @returns whether they came within ten seconds
 */
export function meet(barrier: usize, expected: i32): bool {
  if (atomic.add<i32>(barrier, 1) + 1 >= expected) {
    if (atomic.load<i32>(barrier, 4) > 0) atomic.notify(barrier, -1);
    return true;
  }
  for (let spin = 0; spin < SPINS; spin++) if (atomic.load<i32>(barrier) >= expected) return true;
  atomic.add<i32>(barrier, 1, 4);
  let arrived = atomic.load<i32>(barrier);
  for (let naps = 0; arrived < expected && naps < MOST_NAPS; arrived = atomic.load<i32>(barrier))
    if (atomic.wait<i32>(barrier, arrived, NAP) === AtomicWaitResult.TIMED_OUT) naps++;
  atomic.sub<i32>(barrier, 1, 4);
  return arrived >= expected;
}
