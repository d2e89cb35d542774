/**
 * How many tests passed, failed and were skipped, read from the reports that the
 * runners themselves write.
 */
export interface Tally {
  passed: number;
  failed: number;
  skipped: number;
}

export const tally = ({ passed = 0, failed = 0, skipped = 0 }: Partial<Tally>): Tally => ({ passed, failed, skipped });

export const add = (a: Tally, b: Tally): Tally => ({
  passed: a.passed + b.passed,
  failed: a.failed + b.failed,
  skipped: a.skipped + b.skipped,
});

/** What vitest's JSON reporter says, as far as it concerns us. */
export interface VitestReport {
  numPassedTests: number;
  numFailedTests: number;
  numPendingTests: number;
  numTodoTests: number;
  testResults: { status: string; assertionResults: { status: string }[] }[];
}

/** A file that fails without a failed test in it (it does not load, say) counts as one failure. */
export function fromVitest(report: VitestReport): Tally {
  const brokenFiles = report.testResults.filter(
    ({ status, assertionResults }) => status === "failed" && !assertionResults.some((test) => test.status === "failed"),
  );
  return {
    passed: report.numPassedTests,
    failed: report.numFailedTests + brokenFiles.length,
    skipped: report.numPendingTests + report.numTodoTests,
  };
}

/** What Playwright's JSON reporter says, as far as it concerns us. */
export interface PlaywrightReport {
  stats: { expected: number; unexpected: number; flaky: number; skipped: number };
  errors: unknown[];
}

/**
 * A test that passes only when repeated has failed; so has each error outside of tests (a site that does not start).
 */
export function fromPlaywright({ stats, errors }: PlaywrightReport): Tally {
  return { passed: stats.expected, failed: stats.unexpected + stats.flaky + errors.length, skipped: stats.skipped };
}
