/**
 * One task for all who ask for the same thing at the same time: each may stop
 * waiting, and the task itself is stopped when nobody waits any more.
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
 * A function that runs `start` unless it is already running for that key, and waits for it.
 * It rejects as `start` does, or with the signal's reason for the caller who gives up.
 */
export function singleFlight<Progress>() {
  const flights = new Map<string, Flight<Progress>>();

  return async (
    key: string,
    start: (signal: AbortSignal, report: (progress: Progress) => void) => Promise<void>,
    { signal, onProgress = () => {} }: Waiting<Progress>,
  ): Promise<void> => {
    signal?.throwIfAborted();
    const flight = flights.get(key) ?? takeOff(key, start);
    const listener = (progress: Progress) => onProgress(progress); // its own, so that equal callbacks count as two
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

  function takeOff(
    key: string,
    start: (signal: AbortSignal, report: (progress: Progress) => void) => Promise<void>,
  ): Flight<Progress> {
    const controller = new AbortController();
    const listeners: Flight<Progress>["listeners"] = new Set();
    const result = start(controller.signal, (progress) => listeners.forEach((listener) => listener(progress)));
    result.catch(() => {}); // who waits sees it; after the last has gone nobody does
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
