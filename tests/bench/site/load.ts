/** Sends requests at a fixed rate and measures the response times. */
import autocannon from "autocannon";

export interface Load {
  /** Responses per second. */
  rate: number;
  p50: number;
  /** Milliseconds. */
  p95: number;
  p99: number;
  /** Responses other than 2xx, timeouts and broken connections. */
  errors: number;
}

/** Requests `paths` in turn. */
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
  const quantile = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? NaN;
  return { p50: quantile(0.5), p95: quantile(0.95), p99: quantile(0.99) };
}
