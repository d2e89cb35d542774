import { expect, it } from "vitest";
import { add, fromPlaywright, fromVitest, tally } from "./tally";

it("counts a test file that does not load as one failure", () => {
  const report = {
    numPassedTests: 2,
    numFailedTests: 1,
    numPendingTests: 1,
    numTodoTests: 1,
    testResults: [
      { status: "passed", assertionResults: [{ status: "passed" }] },
      { status: "failed", assertionResults: [{ status: "failed" }, { status: "passed" }] },
      { status: "failed", assertionResults: [] },
    ],
  };
  expect(fromVitest(report)).toEqual({ passed: 2, failed: 2, skipped: 2 });
});

it("counts a flaky test and a site that does not start as failures", () => {
  const report = {
    stats: { expected: 3, unexpected: 1, flaky: 1, skipped: 2 },
    errors: [{ message: "webServer exited" }],
  };
  expect(fromPlaywright(report)).toEqual({ passed: 3, failed: 3, skipped: 2 });
});

it("adds each count", () => {
  expect(add(tally({ passed: 1, skipped: 2 }), tally({ passed: 3, failed: 4 }))).toEqual({
    passed: 4,
    failed: 4,
    skipped: 2,
  });
});
