/**
 * How many tests passed and were skipped and which failed, read from the reports that
 * the runners themselves write.
 */
export interface Tally {
  passed: number;
  /** Names of the failed ones, each with the first line of its message. */
  failed: string[];
  skipped: number;
}

export const tally = ({ passed = 0, failed = [], skipped = 0 }: Partial<Tally>): Tally => ({ passed, failed, skipped });

export const add = (a: Tally, b: Tally): Tally => ({
  passed: a.passed + b.passed,
  failed: [...a.failed, ...b.failed],
  skipped: a.skipped + b.skipped,
});

const withFirstLine = (name: string, message = ""): string => `${name}: ${message.split("\n", 1)[0]}`;

/** The part of vitest's JSON report that we read. */
export interface VitestReport {
  numPassedTests: number;
  numPendingTests: number;
  numTodoTests: number;
  testResults: {
    name: string;
    status: string;
    message: string;
    assertionResults: { status: string; fullName: string; failureMessages: string[] | null }[];
  }[];
}

/** A file that fails without a failed test in it (it does not load, say) counts as one failure. */
export function fromVitest(report: VitestReport): Tally {
  const failed = report.testResults.flatMap(({ name, status, message, assertionResults }) => {
    const tests = assertionResults
      .filter((test) => test.status === "failed")
      .map((test) => withFirstLine(`${name} > ${test.fullName}`, test.failureMessages?.[0]));
    return status === "failed" && tests.length === 0 ? [withFirstLine(name, message)] : tests;
  });
  return { passed: report.numPassedTests, failed, skipped: report.numPendingTests + report.numTodoTests };
}

interface PlaywrightSuite {
  suites?: PlaywrightSuite[];
  specs: {
    file: string;
    title: string;
    tests: { projectName: string; status: string; results: { errors: { message?: string }[] }[] }[];
  }[];
}

/** The part of Playwright's JSON report that we read. */
export interface PlaywrightReport {
  stats: { expected: number; skipped: number };
  suites: PlaywrightSuite[];
  errors: { message?: string }[];
}

const specsOf = (suites: readonly PlaywrightSuite[]): PlaywrightSuite["specs"] =>
  suites.flatMap((suite) => [...suite.specs, ...specsOf(suite.suites ?? [])]);

/**
 * A test that passes only on a retry counts as failed; so does each error outside of tests (a site that does not
 * start).
 */
export function fromPlaywright({ stats, suites, errors }: PlaywrightReport): Tally {
  const tests = specsOf(suites).flatMap(({ file, title, tests: ofSpec }) =>
    ofSpec
      .filter(({ status }) => status === "unexpected" || status === "flaky")
      .map(({ projectName, results }) =>
        withFirstLine(`${projectName} > ${file} > ${title}`, results.flatMap((result) => result.errors)[0]?.message),
      ),
  );
  const outside = errors.map(({ message }) => withFirstLine("outside of tests", message));
  return { passed: stats.expected, failed: [...tests, ...outside], skipped: stats.skipped };
}
