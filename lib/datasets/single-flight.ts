/**
 * Coalesces concurrent calls for the same key into one task. Any caller may stop
 * waiting; the task is aborted when nobody waits for it any more.
 */

interface Flight<Progress> {
  result: Promise<void>;
  controller: AbortController;
  listeners: Set<(progress: Progress) => void>;
}

export interface Waiting<Progress> {
  signal?: AbortSignal;
  onProgress?: (progress: Progress) => void;
}

/**
 * A function that runs `start` for a key, or joins a run in progress, and waits for it. It rejects as `start` does, or
 * with the signal's reason if the caller aborts.
 */
export function singleFlight<Progress>() {
  const flights = new Map<string, Flight<Progress>>();

  return async (
    key: string,
    start: (signal: AbortSignal, report: (progress: Progress) => void) => Promise<void>,
    { signal, onProgress = () => {} }: Waiting<Progress>,
  ): Promise<void> => {
    signal?.throwIfAborted();
    const flight = flights.get(key) ?? launch(key, start);
    const listener = (progress: Progress) => onProgress(progress); // new, so that equal callbacks count twice
    flight.listeners.add(listener);
    try {
      await (signal ? Promise.race([flight.result, aborted(signal)]) : flight.result);
    } finally {
      flight.listeners.delete(listener);
      if (flight.listeners.size === 0) {
        if (flights.get(key) === flight) flights.delete(key);
        flight.controller.abort(signal?.reason);
      }
    }
  };

  function launch(
    key: string,
    start: (signal: AbortSignal, report: (progress: Progress) => void) => Promise<void>,
  ): Flight<Progress> {
    const controller = new AbortController();
    const listeners: Flight<Progress>["listeners"] = new Set();
    const result = start(controller.signal, (progress) => {
      for (const listener of listeners) listener(progress);
    });
    result.catch(() => {}); // waiting callers get the rejection; with none left, it must not be unhandled
    const flight = { result, controller, listeners };
    flights.set(key, flight);
    return flight;
  }
}

function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) =>
    signal.addEventListener("abort", () => reject(signal.reason as Error), { once: true }),
  );
}
