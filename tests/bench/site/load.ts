/** Requests at a fixed rate, and how long the answers took. */
import autocannon from "autocannon";

export interface Load {
  /** Answers a second that came. */
  rate: number;
  p50: number;
  /** Milliseconds. */
  p95: number;
  p99: number;
  /** Answers other than 2xx, timeouts and broken connections. */
  errors: number;
}

/** Asks for `paths` in turn. */
export async function load(
  url: string,
  paths: readonly string[],
  { rate, seconds, connections = 32 }: { rate?: number; seconds: number; connections?: number },
): Promise<Load> {
  const run = autocannon({
    url,
    connections,
    duration: seconds,
    ...(rate && { overallRate: rate }),
    requests: paths.map((path) => ({ method: "GET", path })),
  });
  const times: number[] = [];
  run.on("response", (_client, _status, _bytes, milliseconds) => times.push(milliseconds));
  const { errors, timeouts, non2xx, duration } = await run;
  return { rate: times.length / duration, ...percentiles(times), errors: errors + timeouts + non2xx };
}

export function percentiles(times: readonly number[]): Pick<Load, "p50" | "p95" | "p99"> {
  const sorted = [...times].sort((a, b) => a - b);
  const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? NaN;
  return { p50: at(0.5), p95: at(0.95), p99: at(0.99) };
}
