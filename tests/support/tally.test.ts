import { expect, it } from "vitest";
import { add, fromPlaywright, fromVitest, tally } from "./tally";

it("counts a test file that does not load as one failure", () => {
  const passed = { status: "passed", fullName: "adds", failureMessages: [] };
  const failed = { status: "failed", fullName: "divides", failureMessages: ["Error: by zero\n    at divide.ts:3"] };
  const report = {
    numPassedTests: 2,
    numPendingTests: 1,
    numTodoTests: 1,
    testResults: [
      { name: "a.test.ts", status: "passed", message: "", assertionResults: [passed] },
      { name: "b.test.ts", status: "failed", message: "", assertionResults: [failed, passed] },
      { name: "c.test.ts", status: "failed", message: "no such module", assertionResults: [] },
    ],
  };
  expect(fromVitest(report)).toEqual({
    passed: 2,
    failed: ["b.test.ts > divides: Error: by zero", "c.test.ts: no such module"],
    skipped: 2,
  });
});

it("counts a flaky test and a site that does not start as failures", () => {
  const ofStatus = (status: string, ...messages: string[]) => ({
    projectName: "phone",
    status,
    results: messages.map((message) => ({ errors: [{ message }] })),
  });
  const report = {
    stats: { expected: 3, skipped: 2 },
    suites: [
      {
        specs: [{ file: "a.spec.ts", title: "opens", tests: [ofStatus("expected"), ofStatus("flaky", "too slow")] }],
        suites: [{ specs: [{ file: "a.spec.ts", title: "closes", tests: [ofStatus("unexpected", "stuck\nthere")] }] }],
      },
    ],
    errors: [{ message: "webServer exited" }],
  };
  expect(fromPlaywright(report)).toEqual({
    passed: 3,
    failed: [
      "phone > a.spec.ts > opens: too slow",
      "phone > a.spec.ts > closes: stuck",
      "outside of tests: webServer exited",
    ],
    skipped: 2,
  });
});

it("adds each count", () => {
  expect(add(tally({ passed: 1, skipped: 2 }), tally({ passed: 3, failed: ["a"] }))).toEqual({
    passed: 4,
    failed: ["a"],
    skipped: 2,
  });
});
