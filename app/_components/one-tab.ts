/** One tab trains at a time: two would share the processor and distort each other's timings. */
const LOCK = "dmbench-training";

/**
 * Takes the lock for as long as `until` is pending.
 * @returns false if another tab holds it; true if no tab does, or the browser has no locks
 */
export async function onlyTab(until: Promise<unknown>): Promise<boolean> {
  if (!navigator.locks) return true;
  return new Promise((resolve) => {
    void navigator.locks.request(LOCK, { ifAvailable: true }, async (lock) => {
      resolve(lock !== null);
      if (lock) await until;
    });
  });
}

/** Whether a tab is training right now; false if the browser has no locks. */
export async function someTabTrains(): Promise<boolean> {
  const { held = [] } = (await navigator.locks?.query()) ?? {};
  return held.some(({ name }) => name === LOCK);
}
