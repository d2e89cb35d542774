/** Whether this machine runs on its battery, where the browser tells. */

interface BatteryManager extends EventTarget {
  charging: boolean;
}

/** Calls `tell` now and whenever it changes; never where the browser doesn't tell. Returns how to end it. */
export function whenOnBattery(tell: (isOnBattery: boolean) => void): () => void {
  const { getBattery } = navigator as Navigator & { getBattery?: () => Promise<BatteryManager> };
  const ended = new AbortController();
  void getBattery?.call(navigator).then(
    (battery) => {
      if (ended.signal.aborted) return;
      const look = () => tell(!battery.charging);
      battery.addEventListener("chargingchange", look, { signal: ended.signal });
      look();
    },
    () => {}, // not allowed here
  );
  return () => ended.abort();
}
