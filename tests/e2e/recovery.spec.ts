/**
 * Faults in the middle of a training: the worker crashes or ends without a word, and the GPU process is killed. The page
 * says what happened, and the run is the one of an undisturbed training. Nothing is left of a training that has ended.
 */
import type { Browser, Page } from "@playwright/test";
import { chromium, expect, test } from "@playwright/test";
import { stored } from "./stored";
import { checkpointStored, pause, train, trainToCheckpoint } from "./training";

test.setTimeout(600_000); // a software adapter compiles every shader for each device

const own = "/train?benchmark=own&variants=bn&policies=pytorch-default,dmbn";
const onWasm = `${own}&epochs=100&backend=wasm`;
const finished = (page: Page) => page.getByRole("heading", { name: /^\d+ methods? on/ });
const notice = (page: Page) => page.getByText(/Training went on from step/);
const step = (page: Page) => page.getByText(/^step [\d,]+ of [\d,]+$/);

/** Everything of the finished run that doesn't depend on the time it took. */
async function outcome(page: Page) {
  await expect(finished(page)).toBeVisible({ timeout: 240_000 });
  await expect.poll(() => stored(page, "unpublished-runs")).not.toBeNull();
  const { record, predictions } = (await stored(page, "unpublished-runs"))!;
  const { manifest, scores, curves } = record!;
  return { manifest, scores, curves, predictions };
}

/** The latest training worker: its threads are workers too, made from blobs. */
const trainer = (page: Page) => page.workers().findLast((worker) => !worker.url().startsWith("blob:"))!;

/** Ends a worker, after its answer to whoever asks for that has got out. */
const end = () => void setTimeout(() => self.close(), 100);

/** What a worker can die of, and what the page says then. The first happens when it computes next. */
const faults: [happen: () => void, said: RegExp][] = [
  [
    () => {
      Atomics.notify = () => {
        throw new TypeError("a broken engine");
      };
    },
    /^The training program crashed \(a broken engine\)\./,
  ],
  [
    () =>
      void setTimeout(() => {
        throw new Error("a bolt from the blue");
      }),
    /^The training program crashed \(.*a bolt from the blue\)\./,
  ],
  [end, /^The training program ended\./],
];

test("a worker that crashes goes on from its checkpoint, as often as three times, with the same result", async ({
  page,
}) => {
  await train(page, onWasm);
  const undisturbed = await outcome(page);
  await page.getByRole("button", { name: "Discard" }).click();
  await page.reload();

  await trainToCheckpoint(page, onWasm);
  for (const [happen, said] of faults) {
    await trainer(page).evaluate(happen);
    await expect(notice(page)).toHaveText(said);
    await expect(notice(page)).toHaveText(/Training went on from step [1-9][\d,]*; the result is the same\.$/);
    // So that it doesn't end before the next fault. It stays paused in the next worker.
    if (happen === faults[0]![0]) await pause(page);
    await expect(page.getByRole("heading", { name: "Paused" })).toBeVisible();
  }
  await page.getByRole("button", { name: "Resume" }).click();
  expect(await outcome(page)).toEqual(undisturbed);
  await expect(notice(page)).toBeVisible();
});

test("a worker that hangs is ended after five minutes without a sign of life, and another goes on", async ({
  page,
}) => {
  await page.clock.install();
  await page.clock.resume();
  await train(page, `${own}&epochs=1000&backend=wasm`);
  await checkpointStored(page);
  const hanging = trainer(page);
  await page.clock.fastForward("02:00:00"); // a computer that slept for two hours: the worker lives
  await expect(step(page)).toBeVisible();
  expect(trainer(page)).toBe(hanging);

  await hanging.evaluate(() => {
    setTimeout(() => {
      for (;;);
    }, 100);
  });
  await page.waitForTimeout(1000);
  await page.clock.runFor("04:50");
  await expect(notice(page)).toHaveCount(0);
  await page.clock.runFor("00:30");
  await expect(notice(page)).toHaveText(
    /^The training program gave no sign of life\. Training went on from step [1-9][\d,]*; the result is the same\.$/,
  );
  await expect.poll(() => page.workers().includes(hanging)).toBe(false);
  await page.getByRole("button", { name: "Stop" }).click();
});

test("a worker that crashes again and again is not started a fifth time, and the checkpoint waits", async ({
  page,
}) => {
  await train(page, `${own}&epochs=1000&backend=wasm`);
  await checkpointStored(page);
  const failed = page.getByRole("alert").filter({ hasText: "The training program stopped" });
  for (let crashes = 1; crashes <= 4; crashes++) {
    await expect(step(page)).toBeVisible();
    const worker = trainer(page);
    await worker.evaluate(end).catch(() => {}); // the answer may still be lost
    if (crashes < 4) await expect.poll(() => trainer(page) && trainer(page) !== worker).toBe(true);
  }
  await expect(failed).toContainText("It was started again 3 times, and stopped each time");
  await page.reload();
  await expect(page.getByRole("button", { name: /^Go on from step [1-9]/ })).toBeVisible();
});

test("trainings leave no worker, element or listener behind, and no memory", async ({ page }) => {
  const session = await page.context().newCDPSession(page);
  await session.send("Performance.enable");
  await page.goto(`${own}&maxSteps=16&backend=wasm`);
  const trainAndDiscard = async (times: number) => {
    for (let run = 0; run < times; run++) {
      await page.getByRole("button", { name: "Train", exact: true }).click();
      await expect(finished(page)).toBeVisible();
      await page.getByRole("button", { name: "Discard" }).click();
      await expect(finished(page)).toHaveCount(0);
      await expect.poll(() => page.workers().length).toBe(0);
    }
  };
  const left = async () => {
    for (let collection = 0; collection < 2; collection++) await session.send("HeapProfiler.collectGarbage");
    const { metrics } = await session.send("Performance.getMetrics");
    return Object.fromEntries(metrics.map(({ name, value }) => [name, value]));
  };
  await trainAndDiscard(2); // what is made once is made now
  const before = await left();
  const trainings = 6;
  await trainAndDiscard(trainings);
  // One thing left by each training makes six. A request to IndexedDB that isn't committed yet makes two listeners, at
  // either time: less than half as many as trainings are none that each of them leaves.
  for (const count of ["Nodes", "JSEventListeners", "Documents"])
    await expect
      .poll(async () => (await left())[count]! - before[count]!, { message: `${count} left` })
      .toBeLessThan(trainings / 2);
  expect((await left()).JSHeapUsedSize! - before.JSHeapUsedSize!).toBeLessThan(2 ** 20);
});

test.describe("when the GPU process is killed", () => {
  /** Its own browser, whose GPU process it is. */
  let browser: Browser;
  let page: Page;
  test.beforeEach(async ({ launchOptions, baseURL }) => {
    browser = await chromium.launch(launchOptions);
    page = await browser.newPage({ baseURL: baseURL! });
  });
  test.afterEach(() => browser.close());

  // Few steps: a software adapter computes a fifth of a second for each.
  const onGPU = `${own}&maxSteps=64&backend=webgpu`;

  /** Kills the GPU process while a training that has a checkpoint is paused, and resumes. */
  async function trainWithoutGPU(beforehand: () => Promise<void> = async () => {}): Promise<void> {
    await trainToCheckpoint(page, onGPU);
    await pause(page);
    await beforehand();
    const session = await browser.newBrowserCDPSession();
    const { processInfo } = await session.send("SystemInfo.getProcessInfo");
    process.kill(processInfo.find(({ type }) => type === "GPU")!.id, "SIGKILL");
    await page.getByRole("button", { name: "Resume" }).click();
  }

  test("training goes on from its checkpoint on a new device, with the same result", async () => {
    await train(page, onGPU);
    const undisturbed = await outcome(page);
    await page.getByRole("button", { name: "Discard" }).click();
    await page.reload();

    await trainWithoutGPU();
    await expect(notice(page)).toHaveText(
      /^The WebGPU device was lost.*[^.]\. Training went on from step [1-9][\d,]*; the result is the same\.$/,
      { timeout: 240_000 },
    );
    expect(await outcome(page)).toEqual(undisturbed);
  });

  test("training goes on on WASM where no device can be had, and says so in the record", async () => {
    await trainWithoutGPU(() =>
      trainer(page).evaluate(() => {
        (navigator as unknown as { gpu: { requestAdapter: () => unknown } }).gpu.requestAdapter = async () => null;
      }),
    );
    await expect(notice(page)).toHaveText(
      /Training went on from step [1-9][\d,]* on WASM, because WebGPU could not be had again; the result may/,
    );
    const { manifest } = await outcome(page);
    expect(manifest).toMatchObject({
      backend: {
        name: "wasm",
        reason: expect.stringMatching(
          /^WebGPU computed up to step [1-9]\d*, but could not be had again: the browser offers no WebGPU adapter$/,
        ),
      },
    });
  });
});
