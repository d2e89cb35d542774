/** The command's surroundings: results, remarks, progress, the clock and Ctrl-C. */

export interface Terminal {
  /** Results, to standard output. */
  out(text: string): void;
  /** Remarks and errors, to standard error. */
  err(text: string): void;
  /** A status line: on a terminal it replaces the last one; elsewhere one is printed every 15 seconds. */
  progress(line: string): void;
  /** Removes the status line, before anything else is written. */
  clear(): void;
  /** A clock in milliseconds. */
  now(): number;
  /** Aborted by Ctrl-C. */
  signal: AbortSignal;
}

/** Milliseconds between status lines that can't be replaced. */
const SPARSE = 15_000;

/** The terminal of this process. */
export function processTerminal(signal: AbortSignal): Terminal {
  const { stdout, stderr } = process;
  let shown = false;
  let last = performance.now();
  const clear = () => {
    if (shown) stderr.write("\r\x1b[K");
    shown = false;
  };
  return {
    out(text) {
      clear();
      stdout.write(text);
    },
    err(text) {
      clear();
      stderr.write(text);
    },
    progress(line) {
      if (stderr.isTTY) {
        stderr.write(`\r\x1b[K${line.slice(0, Math.max(20, stderr.columns - 1))}`);
        shown = true;
      } else if (performance.now() - last >= SPARSE) {
        last = performance.now();
        stderr.write(`${line}\n`);
      }
    },
    clear,
    now: () => performance.now(),
    signal,
  };
}

/** 42 s, 3 min 5 s, 2 h 10 min. */
export function duration(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
  return `${Math.floor(whole / 3600)} h ${Math.floor((whole % 3600) / 60)} min`;
}
