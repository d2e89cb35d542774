/**
 * The newcomer's path in a real browser against the production build: train on real data, score every policy, publish,
 * find it on the board. And what the page says if that is impossible.
 */
import AxeBuilder from "@axe-core/playwright";
import type { Locator, Page } from "@playwright/test";
import { expect, test } from "@playwright/test";
import { trainedAgain } from "@/lib/leaderboard";
import { signInBrowser, signUp, signUpInDialog } from "../support/sign-in";
import type { Site } from "../support/site";
import { startSite } from "../support/site";
import { placeOf } from "./places";
import { pause, train as startTraining, trainToCheckpoint } from "./training";

const { port, dataFolder } = placeOf("train");
const train = (page: Page) => page.getByRole("button", { name: "Train", exact: true }).click();
const finished = (page: Page) => page.getByRole("heading", { name: /^\d+ methods? on/ });

/** Its own site, because it is restarted half-way and has no network. */
let site: Site;

/** What the server does after it has answered is shown by a page that is loaded later. */
const shownSoon = (page: Page, shown: Locator) =>
  expect(async () => {
    if (!(await shown.isVisible())) await page.reload();
    await expect(shown).toBeVisible({ timeout: 2000 });
  }).toPass({ timeout: 120_000 });

test.setTimeout(360_000);
test.beforeAll(async () => {
  site = await startSite(port, dataFolder, { DMBENCH_AUDIT_SECONDS: "600" });
});
test.afterAll(() => site.stop());

test("a newcomer trains on WASM, signs up in place, publishes, and finds the result after a restart", async ({
  page,
}) => {
  await page.goto(`${site.address}/train?benchmark=digits-mlp&backend=wasm`);
  await train(page);
  await expect(page.getByRole("progressbar")).toBeVisible();
  await expect(page.getByRole("img", { name: /^Training loss from/ }).first()).toBeVisible();
  await expect(finished(page)).toHaveText("30 methods on 2 runs of Digits");
  await expect(finished(page)).toBeFocused();
  const methods = page.getByRole("table", { name: /^Methods with their figures/ });
  await expect(methods.getByRole("row", { name: /^DMBN/ })).toHaveCount(4);
  const accuracy = Number(
    await methods
      .getByRole("row", { name: /^Sequential recalibration all BN/ })
      .getByRole("cell")
      .nth(1)
      .innerText(),
  );
  expect(accuracy).toBeGreaterThan(95);
  await expect(page.getByRole("table", { name: /Rows are true classes/ })).toBeVisible();
  expect((await new AxeBuilder({ page }).setLegacyMode().analyze()).violations).toEqual([]);

  await page.getByRole("button", { name: "Publish 2 runs" }).click();
  await signUpInDialog(page, "newcomer");
  await expect(page.getByRole("heading", { name: "Published" })).toBeVisible();
  await expect(finished(page)).toBeVisible();
  await expect(
    page.getByText("its weights are sent: once both are checked, policies are scored on this run"),
  ).toHaveCount(2);
  await expect(
    page.getByText("The board has 1 seed of all BN now. 9 more seeds, and its methods are ranked."),
  ).toBeVisible();

  await page.getByRole("link", { name: "See it among runs by users" }).click();
  await expect(page).toHaveURL(/division=open/);
  await shownSoon(page, page.getByRole("rowheader", { name: /^DMBN/ }).first());
  await page.goBack();
  await page.goto(`${site.address}/u/newcomer`);
  await page.getByRole("table").getByRole("link").first().click();
  await expect(page.getByRole("heading", { name: /^Digits, MLP, .*, seed \d{4,}$/ })).toBeVisible();
  const run = page.url();
  // The server trains it again, with the bits of this browser's training.
  await shownSoon(page, page.getByText(/Trained again by the server: all 5,325 predictions the same\./));
  await shownSoon(page, page.getByText(/Weights re-evaluated by the server: all [\d,]+ predictions the same\./));
  // Both checked: the run is one that every policy is scored on.
  await shownSoon(page, page.getByText(/This run has scored \d\d+ policies/));
  await expect(page.getByRole("rowheader", { name: "DMBN", exact: true })).toBeVisible();

  await site.stop();
  site = await startSite(port, dataFolder, { DMBENCH_AUDIT_SECONDS: "600" });
  await page.goto(run);
  await expect(page.getByRole("rowheader", { name: "DMBN", exact: true })).toBeVisible();
  await page.goto(`${site.address}/leaderboard/digits-mlp`);
  await expect(page.getByRole("rowheader", { name: /^DMBN/ }).first()).toBeVisible();
});

test("a second account reproduces the run of the first, which is told of it", async ({ page, browser }) => {
  const { runs } = (await (await page.request.get(`${site.address}/api/v1/runs?user=newcomer`)).json()) as {
    runs: { id: string; variant: string; seed: number }[];
  };
  const { id } = runs.find(({ variant }) => variant === "bn")!;
  await signUp(site.address, "second");
  await signInBrowser(page.request, "second", site.address);
  await page.goto(`${site.address}/runs/${id}`);
  await page.getByRole("link", { name: "Re-run this in my browser" }).click();
  await expect(page.getByText(/yours is linked to it and counted as a reproduction/)).toBeVisible();
  await train(page);
  await expect(finished(page)).toBeVisible();
  await page.getByRole("button", { name: "Publish as second" }).click();
  await expect(page.getByRole("heading", { name: "Published" })).toBeVisible();
  await page.goto(`${site.address}/runs/${id}`);
  // By its seed it counts, and both trained on WASM in the same browser.
  await shownSoon(page, page.getByText("1 other user: second, 100.0 % of the predictions the same"));
  await page.goto(`${site.address}/leaderboard/digits-mlp?division=open&reproduced=yes&pin=none`);
  await shownSoon(page, page.getByRole("row", { name: /trained again 1 reproduced/ }).first());

  const first = await browser.newPage();
  await signInBrowser(first.request, "newcomer", site.address);
  await first.goto(site.address);
  await first.getByRole("link", { name: /^\d+ new$/ }).click();
  await expect(first.getByText("It reproduces yours.")).toBeVisible();
  await expect(first.getByText(/Trained again by the server: all 5,325 predictions the same/)).toBeVisible();
  expect((await new AxeBuilder({ page: first }).setLegacyMode().analyze()).violations).toEqual([]);
  await first.getByRole("button", { name: "Mark all as read" }).click();
  await expect(first.getByRole("link", { name: /^\d+ new$/ })).toHaveCount(0);
  await first.getByLabel("somebody reproduced a run of yours").uncheck();
  await first.getByRole("button", { name: "Save" }).click();
  await expect(first.getByLabel("somebody reproduced a run of yours")).not.toBeChecked();
  await first.reload();
  await expect(first.getByLabel("somebody reproduced a run of yours")).not.toBeChecked();
  await first.close();
});

test("a machine is lent by somebody signed out: run after run, over a reload, offline, until it is stopped", async ({
  page,
  context,
}) => {
  const name = "volunteer";
  await signUp(site.address, "somebody-else");
  await page.goto(`${site.address}/contribute`);
  await page.getByLabel("Train for").selectOption({ label: "Digits, MLP" });
  await page.getByLabel("Your name").fill("somebody-else");
  await page.getByRole("button", { name: "Lend this machine" }).click();
  await expect(page.getByLabel("Your name")).toHaveAccessibleDescription(/name/i);
  await page.getByLabel("Your name").fill(name);
  await page.getByRole("button", { name: "Lend this machine" }).click();
  await expect(
    page.getByText(/You are signed in as volunteer\. To sign in elsewhere, keep this password/),
  ).toBeVisible();
  const given = page.getByRole("heading", { name: /^This browser has given \d+ runs?$/ });
  const runs = async () => Number((await given.innerText()).replace(/\D/g, ""));
  await expect(given).toBeVisible();
  expect((await new AxeBuilder({ page }).setLegacyMode().analyze()).violations).toEqual([]);
  await page.reload();
  await page.getByRole("button", { name: "I have it" }).click();
  await page.reload();
  await expect.poll(runs).toBeGreaterThanOrEqual(4);
  await expect(page.getByText(/keep this password/)).toHaveCount(0);

  const list = async () =>
    (
      (await (await page.request.get(`${site.address}/api/v1/runs?user=${name}&take=100`)).json()) as {
        runs: { seed: number; variant: string; ranks: boolean; seedFrom: string; tier: number }[];
      }
    ).runs;
  // It goes on while another page is shown.
  await goTo(page, "Docs");
  await expect(page.getByRole("banner").getByRole("link", { name: /^Training/ })).toBeVisible();
  const sent = (await list()).length;
  await expect.poll(async () => (await list()).length).toBeGreaterThan(sent + 1);
  await page.goBack();
  await expect.poll(runs).toBeGreaterThan(sent + 1);

  // Without a network what is finished is kept, and sent later.
  await context.setOffline(true);
  await expect(page.getByText(/kept in this browser\.|Trying again in 30 seconds/)).toBeVisible({ timeout: 60_000 });
  const before = await runs();
  await context.setOffline(false);
  await expect.poll(runs, { timeout: 60_000 }).toBeGreaterThan(before);
  await page.getByRole("button", { name: "Stop" }).click();
  await expect(page.getByRole("button", { name: "Lend this machine" })).toBeVisible();
  await page.reload();
  await expect(page.getByRole("button", { name: "Lend this machine" })).toBeVisible(); // it stays stopped
  const total = await runs();

  expect(await list()).toHaveLength(total); // none twice
  expect(new Set((await list()).map(({ seed, variant }) => `${seed} ${variant}`)).size).toBe(total);
  for (const { ranks, seedFrom } of await list()) expect([ranks, seedFrom]).toEqual([true, "board"]);
  await expect
    .poll(async () => (await list()).every(({ tier }) => tier === trainedAgain), { timeout: 60_000 })
    .toBe(true);
});

test("a run on WebGPU says which adapter it had, and waits in the browser over a reload until it is discarded", async ({
  page,
}) => {
  await page.goto(
    `${site.address}/train?benchmark=own&epochs=1&maxSteps=16&variants=bn&policies=pytorch-default,dmbn&backend=webgpu`,
  );
  await train(page);
  await expect(
    page.getByText(/Computes with WebGPU \(.*swiftshader.*\): you chose it, and it passed the self-test/i),
  ).toBeVisible();
  await expect(page.getByText("recorded once, done again since")).toBeVisible();
  await expect(finished(page)).toHaveText("2 methods on one run of Digits");
  await page.reload();
  await expect(finished(page)).toHaveText("2 methods on one run of Digits");
  await page.getByRole("button", { name: "Discard" }).click();
  await expect(finished(page)).toHaveCount(0);
  await page.reload();
  await expect(page.getByRole("button", { name: "Train", exact: true })).toBeVisible();
  await expect(finished(page)).toHaveCount(0);
});

test("auto picks WASM over an emulated GPU; a paused training waits; a second tab says why it can't train", async ({
  page,
}) => {
  await page.goto(`${site.address}/train?benchmark=own&epochs=1000&variants=bn&policies=dmbn`);
  await train(page);
  await expect(page.getByText(/Computes with WASM/)).toBeVisible();
  await expect(page.getByText(/Not used: WebGPU, .* emulated by the CPU/)).toBeVisible();
  await page.getByRole("button", { name: "Pause" }).click();
  await expect(page.getByRole("heading", { name: "Paused" })).toBeVisible();
  const step = page.getByText(/^step [\d,]+ of 32,000$/);
  let pausedAt = "";
  // The steps in progress when the button was pressed are still shown.
  await expect(async () => {
    pausedAt = await step.innerText();
    await page.waitForTimeout(500);
    expect(await step.innerText()).toBe(pausedAt);
  }).toPass();
  await expectSecondTabRefused(page);
  expect(await step.innerText()).toBe(pausedAt);
  await page.getByRole("button", { name: "Resume" }).click();
  await expect(step).not.toHaveText(pausedAt);
  await page.getByRole("button", { name: "Stop" }).click();
  await expect(page.getByText("Stopped.")).toBeVisible();
});

async function expectSecondTabRefused(first: Page): Promise<void> {
  const second = await first.context().newPage();
  await second.goto(`${site.address}/train`);
  await train(second);
  await expect(second.getByText("Another tab is training")).toBeVisible();
  await second.close();
}

test("a training goes on whatever page is shown, over Back and a reload", async ({ page }) => {
  page.on("dialog", (dialog) => void dialog.accept()); // the browser asks before it leaves a training
  await trainToCheckpoint(page, `${own(site)}&model=cnn`);
  const step = page.getByText(/^step [\d,]+ of 32,000$/);
  const status = page.getByRole("banner").getByRole("link", { name: /^Training/ });
  await expect(status).toHaveCount(0); // the page shows it itself
  await goTo(page, "Leaderboard");
  await expect(status).toHaveText(/^Training: \d+ %/);
  await expect(page).toHaveTitle(/^\d+ % · /);
  await page.getByRole("banner").getByRole("button", { name: "Pause" }).click();
  await expect(status).toHaveText(/^Training paused at \d+ %$/);
  expect((await new AxeBuilder({ page }).setLegacyMode().analyze()).violations).toEqual([]);
  await page.getByRole("banner").getByRole("button", { name: "Resume" }).click();
  await page.goBack();
  await expect(step).toBeVisible();
  await goTo(page, "Docs");
  await expect(status).toBeVisible();
  await page.reload();
  await expect(status).toHaveText(/^Training: \d+ %/);
  await expectSecondTabRefused(page);
  await status.click();
  await expect(step).toBeVisible();
  await page.getByRole("button", { name: "Stop" }).click();
  await expect(page.getByText("Stopped.")).toBeVisible();
  await expect(page.getByText("A training was interrupted")).toHaveCount(0);
});

test("a training that ends while another page is shown is announced there; discarding its run can be undone", async ({
  page,
}) => {
  await startTraining(page, own(site));
  await pause(page);
  await goTo(page, "Policies");
  await page.getByRole("banner").getByRole("button", { name: "Resume" }).click();
  const announced = page.getByRole("banner").getByRole("link", { name: "Training finished: see it" });
  await expect(announced).toBeVisible();
  await expect(page).toHaveTitle(/^Finished · /);
  await announced.click();
  await expect(finished(page)).toHaveText("2 methods on one run of Digits");
  await page.getByRole("button", { name: "Discard" }).click();
  await expect(page.getByText("1 finished run discarded.")).toBeVisible();
  await page.getByRole("button", { name: "Undo" }).click();
  await expect(finished(page)).toHaveText("2 methods on one run of Digits");
  await page.reload();
  await expect(finished(page)).toBeVisible();
  await expect(page.getByText("A training was interrupted")).toHaveCount(0);
});

test("a training whose tab was closed resumes where it was, in another", async ({ page, context }) => {
  await trainToCheckpoint(page, `${own(site)}&model=mlp-deep`);
  await page.close();
  const again = await context.newPage();
  await again.goto(`${site.address}/train`);
  const goOn = again.getByRole("button", { name: /^Go on from step/ });
  expect(Number((await goOn.innerText()).replace(/\D/g, ""))).toBeGreaterThan(0);
  await goOn.click();
  await expect(again.getByText(/^step [\d,]+ of 32,000$/)).toBeVisible();
  await expect(finished(again)).toHaveText("2 methods on one run of Digits", { timeout: 240_000 });
  await again.reload();
  await expect(finished(again)).toBeVisible();
  await expect(again.getByText("A training was interrupted")).toHaveCount(0);
});

/** A training of some seconds; of the deep MLP of half a minute, of the CNN of more than one. */
const own = ({ address }: Site) =>
  `${address}/train?benchmark=own&epochs=1000&variants=bn&policies=pytorch-default,dmbn&backend=wasm`;

const goTo = (page: Page, name: string) =>
  page.getByRole("navigation", { name: "Site" }).getByRole("link", { name }).click();

test("training that diverges names the step and the layer, and keeps the settings", async ({ page }) => {
  await page.goto(
    `${site.address}/train?benchmark=own&learningRate=10&sgdMomentum=0.999&weightDecay=1` +
      "&variants=bn&policies=dmbn&backend=wasm",
  );
  await train(page);
  const alert = page.getByRole("alert").filter({ hasText: "Training diverged" });
  await expect(alert).toContainText(/at step \d+ in (layer \w+|the loss)/);
  await expect(page.getByLabel("Learning rate")).toHaveValue("10");
});

test("a missing data set names the ways to get it, and digits trains instead", async ({ page }) => {
  await page.goto(`${site.address}/train?benchmark=mnist-mlp&variants=bn&policies=dmbn&backend=wasm`);
  await train(page);
  const alert = page.getByRole("alert").filter({ hasText: "This data set is not here yet" });
  await expect(alert).toContainText(/\(1\) set DMBENCH_DATASETS_DIR .* connect to the internet once/);
  await alert.getByRole("button", { name: "Train on digits instead" }).click();
  await expect(finished(page)).toHaveText("1 method on one run of Digits");
});

test("an invalid recipe is reported at its field, before anything starts", async ({ page }) => {
  await page.goto(`${site.address}/train?benchmark=own&batchSize=4000`);
  await train(page);
  const field = page.getByLabel("Batch size");
  await expect(field).toBeFocused();
  await expect(field).toHaveAccessibleDescription(
    /Expected at most the 1042 examples that are left to train on, found 4000/,
  );
});

test("an unreachable server loses no run, and a retry creates no duplicate", async ({ page }) => {
  const name = "wanderer";
  await signUp(site.address, name);
  await signInBrowser(page.request, name, site.address);
  await page.goto(`${site.address}/train?benchmark=digits-mlp&seed=7&variants=bn&policies=dmbn&backend=wasm`);
  await expect(page.getByRole("link", { name })).toBeVisible();
  await train(page);
  await expect(finished(page)).toBeVisible();

  // The first request arrives but its response is lost; the retry is the same submission.
  let tries = 0;
  await page.route("**/api/v1/runs", async (route) => {
    if (++tries > 1) return route.continue();
    await route.fetch();
    await route.abort("connectionreset");
  });
  await page.getByRole("button", { name: `Publish as ${name}` }).click();
  await expect(page.getByRole("heading", { name: "Published" })).toBeVisible();
  expect(tries).toBe(2);
  const { runs } = (await (await page.request.get(`${site.address}/api/v1/runs?user=${name}`)).json()) as {
    runs: { seed: number }[];
  };
  expect(runs.filter(({ seed }) => seed === 7)).toHaveLength(1);
});

test("a run with a seed of one's own is published and doesn't rank; the board's seed stays until it is reported", async ({
  page,
}) => {
  const name = "chooser";
  await signUp(site.address, name);
  await signInBrowser(page.request, name, site.address);
  const address = `${site.address}/train?benchmark=digits-mlp-short&variants=bn&policies=dmbn&backend=wasm`;
  const openRows = async (): Promise<number> =>
    (await (await page.request.get(`${site.address}/api/v1/benchmarks/digits-mlp-short?division=open`)).json()).of;

  // The board can't be reached: a seed of one's own does.
  await page.goto(address);
  await page.route("**/tickets", (route) => route.abort("internetdisconnected"));
  await train(page);
  await page.getByRole("button", { name: "Train with seed 1" }).click();
  await expect(page.getByText("A run with a seed of your own gets a page, but doesn’t rank.")).toBeVisible();
  await page.getByRole("button", { name: `Publish as ${name}` }).click();
  await page.getByRole("link", { name: "all BN, seed 1" }).click();
  await expect(page.getByText("Its author chose the seed, so it doesn’t rank.")).toBeVisible();
  expect(await openRows()).toBe(0);
  await page.unroute("**/tickets");

  const trainedSeed = async (): Promise<string> => {
    await page.goto(address);
    await train(page);
    await expect(finished(page)).toBeVisible();
    return (await page.getByText(/^all BN, seed \d+$/).innerText()).replace(/\D/g, "");
  };
  const seed = await trainedSeed();
  await page.getByRole("button", { name: "Discard" }).click();
  expect(await trainedSeed()).toBe(seed); // who doesn't like it gets no other
  await page.getByRole("button", { name: `Publish as ${name}` }).click();
  await expect(page.getByRole("heading", { name: "Published" })).toBeVisible();
  await expect.poll(openRows).toBe(1);
  await page.goto(`${site.address}/u/${name}`);
  await expect(page.getByText("1 of 1 seed reported.")).toBeVisible();
  expect(await trainedSeed()).not.toBe(seed);

  // A ticket that somebody used meanwhile costs the rank, not the run.
  const waiting = await page.evaluate(() => localStorage.getItem("ticket/digits-mlp-short"));
  const { id: ticket } = JSON.parse(waiting!) as { id: string };
  await page.route("**/api/v1/runs", (route) => {
    const body = route.request().postDataJSON() as { ticket?: string };
    return route.continue({
      postData: JSON.stringify(body.ticket === ticket ? { ...body, ticket: crypto.randomUUID() } : body),
    });
  });
  await page.getByRole("button", { name: `Publish as ${name}` }).click();
  await page.getByRole("button", { name: "Publish without a rank" }).click();
  await expect(page.getByRole("heading", { name: "Published" })).toBeVisible();
  await expect.poll(openRows).toBe(1);
});

test("publishes under the name on the button alone, whoever has signed in in another tab", async ({ page }) => {
  for (const name of ["alice", "bob"]) await signUp(site.address, name);
  await signInBrowser(page.request, "alice", site.address);
  await page.goto(`${site.address}/train?benchmark=digits-mlp&seed=11&variants=bn&policies=dmbn&backend=wasm`);
  await train(page);
  await expect(finished(page)).toBeVisible();
  await signInBrowser(page.request, "bob", site.address);
  await page.getByRole("button", { name: "Publish as alice" }).click();
  await expect(page.getByText("Not published: bob is signed in now")).toBeVisible();
  const published = async (name: string) =>
    ((await (await page.request.get(`${site.address}/api/v1/runs?user=${name}`)).json()) as { runs: object[] }).runs;
  expect([await published("alice"), await published("bob")]).toEqual([[], []]);

  await page.reload(); // the run waits in the browser
  await expect(page.getByRole("button", { name: "Publish as bob" })).toBeVisible();
  await signInBrowser(page.request, "alice", site.address);
  await page.getByRole("button", { name: "Publish as bob" }).click();
  await page.getByRole("button", { name: "Publish as alice" }).click();
  await expect(page.getByRole("heading", { name: "Published" })).toBeVisible();
  expect([(await published("alice")).length, await published("bob")]).toEqual([1, []]);
});
