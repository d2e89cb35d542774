/**
 * `npm test`: sets up what the tests need, runs every check and every test, and ends
 * with the names of what failed and `N passed, N failed`, from the runners' own reports.
 */
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";
import { setUp } from "./support/set-up";
import type { Tally } from "./support/tally";
import { add, fromPlaywright, fromVitest, tally } from "./support/tally";

const root = fileURLToPath(new URL("..", import.meta.url));
const reports = mkdtempSync(join(tmpdir(), "dmbench-reports-"));

/** Runs a command and prints its output when it has finished; true if it succeeds. */
function run(command: string, env: Record<string, string> = {}): Promise<boolean> {
  console.log(`$ ${command} …`);
  const started = performance.now();
  const child = spawn(command, {
    shell: true,
    cwd: root,
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, ...env },
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding("utf8").on("data", (text: string) => (output += text));
  return new Promise((resolve) =>
    child.on("close", (status) => {
      console.log(`\n$ ${command}\n${output}(${((performance.now() - started) / 1000).toFixed(1)} s)\n`);
      resolve(status === 0);
    }),
  );
}

/** One check: a command that succeeds or fails. */
const check = async (command: string, env?: Record<string, string>): Promise<Tally> =>
  (await run(command, env)) ? tally({ passed: 1 }) : tally({ failed: [command] });

/**
 * The counts of the report that a test runner writes to `file`. Adds a failure if the runner fails without a failed
 * test, or writes no report.
 */
async function fromReport<Report>(
  command: string,
  env: Record<string, string>,
  file: string,
  read: (report: Report) => Tally,
): Promise<Tally> {
  const endedWell = await run(command, env);
  try {
    const counted = read(JSON.parse(readFileSync(file, "utf8")) as Report);
    return endedWell || counted.failed.length > 0 ? counted : add(counted, tally({ failed: [command] }));
  } catch (error) {
    return tally({ failed: [`${command} left no report: ${(error as Error).message}`] });
  }
}

/** The counts of an npm script that runs vitest. */
async function unitTests(script: string, env: Record<string, string> = {}): Promise<Tally> {
  const file = join(mkdtempSync(join(reports, "vitest-")), "report.json");
  const reporters = `--reporter=default --reporter=json --outputFile.json=${file}`;
  return fromReport(`npm run -s ${script} ${reporters}`, env, file, fromVitest);
}

async function endToEndTests(): Promise<Tally> {
  const file = join(reports, "playwright.json");
  const env = { PLAYWRIGHT_JSON_OUTPUT_FILE: file, DMBENCH_E2E_RECORDED: "true" };
  return fromReport("npm run -s test:e2e -- --reporter=list,json", env, file, fromPlaywright);
}

/** Runs jobs one after another: each writes what the next one reads, or uses all cores. */
async function inOrder(...jobs: (() => Promise<Tally>)[]): Promise<Tally> {
  let sum = tally({});
  for (const job of jobs) sum = add(sum, await job());
  return sum;
}

const missing = await setUp();
const skipped = missing.map(({ what, without, remedy }) => {
  console.log(`\n${what} can't be had here: ${without}. Remedy: ${remedy}.`);
  return tally(process.env.CI === "true" ? { failed: [what] } : { skipped: 1 });
});
const browser = !missing.some(({ what }) => what === "Chromium");

const generated = await check("npm run -s generate");

/** The folder of a second Node version, which also runs the fast tests and starts the site. */
const otherNode = process.env.DMBENCH_OTHER_NODE;
const onOtherNode = { PATH: `${otherNode}${delimiter}${process.env.PATH}` };

/** What it skips, this version runs. */
async function fastTestsOnOtherNode(): Promise<Tally> {
  const { passed, failed } = await unitTests("test:fast --", onOtherNode);
  return tally({ passed, failed });
}

// Two lanes, so that one computes where the other waits for a browser, a database or a process.
const lanes = await Promise.all([
  inOrder(
    () => unitTests("test:unit -- --project slow --project isolated"),
    ...(otherNode ? [fastTestsOnOtherNode] : []),
  ),
  inOrder(
    () => unitTests("test:unit -- --project shared"),
    () => check("npm run -s check:style"),
    () => check("npm run -s check:types"),
    () => check("npm run -s check:boundaries"),
    () => check("npm run -s check:unused"),
    ...(browser ? [() => check("npm run -s test:e2e:record")] : []), // builds the site
    () => unitTests("test:unit -- --project deploy"),
    ...(browser ? [endToEndTests] : []),
  ),
]);
// Last, because it builds the site again, for its version.
const started = otherNode ? [await check("node --import tsx tests/support/start-once.ts", onOtherNode)] : [];
rmSync(reports, { recursive: true });

const { passed, failed, skipped: skippedCount } = [...skipped, generated, ...lanes, ...started].reduce(add);
for (const name of failed) console.log(`Failed: ${name}`);
console.log(`\n${passed} passed, ${failed.length} failed${skippedCount > 0 ? `, ${skippedCount} skipped` : ""}`);
process.exitCode = failed.length > 0 ? 1 : 0;
