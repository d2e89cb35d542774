/**
 * `npm test`: sets up what the tests need, runs every check and every test, and ends
 * with `N passed, N failed`, added up from the runners' own reports.
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { setUp } from "./support/set-up";
import type { Tally } from "./support/tally";
import { add, fromPlaywright, fromVitest, tally } from "./support/tally";

const root = fileURLToPath(new URL("..", import.meta.url));
const reports = mkdtempSync(join(tmpdir(), "dmbench-reports-"));

/** Runs a command of the project with its output on ours; true where it ends well. */
function run(command: string, env: Record<string, string> = {}): boolean {
  console.log(`\n$ ${command}`);
  const started = performance.now();
  const { status } = spawnSync(command, {
    shell: true,
    cwd: root,
    stdio: ["ignore", "inherit", "inherit"],
    env: { ...process.env, ...env },
  });
  console.log(`(${((performance.now() - started) / 1000).toFixed(1)} s)`);
  return status === 0;
}

/** One check: a command that ends well or doesn't. */
const check = (command: string): Tally => (run(command) ? tally({ passed: 1 }) : tally({ failed: 1 }));

/**
 * A runner's own count; one more has failed where it ends badly and its report doesn't say why, or where it wrote none.
 */
function fromReport<Report>(endedWell: boolean, file: string, read: (report: Report) => Tally): Tally {
  try {
    const counted = read(JSON.parse(readFileSync(file, "utf8")) as Report);
    return endedWell || counted.failed > 0 ? counted : add(counted, tally({ failed: 1 }));
  } catch (error) {
    console.error(`No report: ${(error as Error).message}`);
    return tally({ failed: 1 });
  }
}

function unitTests(): Tally {
  const file = join(reports, "vitest.json");
  return fromReport(
    run(`npm run -s test:unit -- --reporter=default --reporter=json --outputFile.json=${file}`),
    file,
    fromVitest,
  );
}

function endToEndTests(): Tally {
  const file = join(reports, "playwright.json");
  return fromReport(
    run("npm run -s test:e2e -- --reporter=list,json", { PLAYWRIGHT_JSON_OUTPUT_FILE: file }),
    file,
    fromPlaywright,
  );
}

const missing = await setUp();
const skipped = missing.map(({ what, without, remedy }) => {
  console.log(`\n${what} can't be had here: ${without}. Remedy: ${remedy}.`);
  return tally(process.env["CI"] === "true" ? { failed: 1 } : { skipped: 1 });
});

const tallies = [
  ...skipped,
  check("npm run -s generate"),
  check("npm run -s check:types"),
  check("npm run -s check:boundaries"),
  check("npm run -s check:unused"),
  unitTests(),
  ...(missing.some(({ what }) => what === "Chromium") ? [] : [endToEndTests()]),
];
rmSync(reports, { recursive: true });

const { passed, failed, skipped: left } = tallies.reduce(add);
console.log(`\n${passed} passed, ${failed} failed${left > 0 ? `, ${left} skipped` : ""}`);
process.exitCode = failed > 0 ? 1 : 0;
