/** Choosing a momentum from the published map: by links, by sliders, without a script, and in words that agree with it. */
import { readFile } from "node:fs/promises";
import { expect, test } from "@playwright/test";
import { parse } from "csv-parse/sync";
import type { MapPlace, MomentumMap } from "@/lib/records";
import { anExternal } from "../leaderboard/an-external";
import { expectSound } from "../support/accessible";
import { signInBrowser } from "../support/sign-in";

const map: MomentumMap = JSON.parse(await readFile("public/map/map.json", "utf8"));

/** A place that is scored, has a neighbour in batch and is not at an end. */
const place = map.places.find(
  ({ seeds, batchSize, steps, model, dataset }) =>
    seeds > 0 &&
    batchSize === 8 &&
    steps === 1000 &&
    map.places.some((other) => other.dataset === dataset && other.model === model && other.batchSize === 16),
) as MapPlace;
const addressOf = (batch: number, steps: number, more = "") =>
  `/choose?dataset=${place.dataset}&model=${place.model}&batch=${batch}&steps=${steps}${more}`;

const answerAt = (batch: number, steps: string) =>
  new RegExp(`^At batch ${batch} and ${steps} steps (anything|only|the momentum) .*β = `);

/** The regret of the worst static momentum, in points as the page prints it. */
const worst = (variance: string) =>
  place.estimators
    .find((estimator) => estimator.variance === variance)!
    .scores.filter(({ momentum }) => momentum !== null)
    .reduce((most, score) => Math.max(most, score.regret.mean), 0);

test("answers for a batch and steps with what the map measured, in the library's own setting", async ({ page }) => {
  await page.goto(addressOf(8, 1000));
  await expect(page.getByText(answerAt(8, "1,000"))).toBeVisible();
  const table = page.getByRole("region", { name: "What every static momentum costs at batch 8 and 1,000 steps" });
  await expect(table.getByRole("row")).toHaveCount(12);
  await expect(table.getByText((100 * worst("unbiased")).toFixed(2), { exact: true }).first()).toBeVisible();
  await expect(page.getByText("norm.momentum = ")).toBeVisible();

  await page.getByRole("navigation", { name: "Library" }).getByRole("link", { name: "Keras" }).click();
  await expect(page).toHaveURL(/framework=keras/);
  await expect(page.getByText("keras.layers.BatchNormalization(momentum=")).toBeVisible();
  await expect(table.getByText((100 * worst("biased")).toFixed(2), { exact: true }).first()).toBeVisible();
  await expectSound(page);
});

test("the slider leads to an address that keeps all of it, and says what lies between measured cells", async ({
  page,
}) => {
  await page.goto(addressOf(8, 1000, "&framework=flax"));
  const slider = page.getByRole("slider", { name: "Batch, images, slider" });
  await slider.focus();
  await page.keyboard.press("ArrowRight");
  await expect(page).toHaveURL(/batch=11/);
  await expect(page).toHaveURL(/framework=flax/);
  await expect(
    page.getByText(/Interpolated between the measured cells of batch 8 and 16 and 1,000 steps/),
  ).toBeVisible();
  await expect(slider).toBeFocused();
  await page.keyboard.press("ArrowRight");
  await expect(page.getByText(answerAt(16, "1,000"))).toBeVisible();
  await page.reload();
  await expect(page.getByLabel("Batch, images", { exact: true })).toHaveValue("16");
  await page.getByRole("link", { name: "8", exact: true }).first().click();
  await expect(page.getByLabel("Batch, images", { exact: true })).toHaveValue("8");
});

test("marks the best constant of people's own networks, in the map and in a table", async ({ page }) => {
  const account = { name: `bringer-${crypto.randomUUID().slice(0, 8)}`, password: "correct horse battery" };
  expect((await page.request.post("/api/v1/account", { data: account })).status()).toBe(201);
  await signInBrowser(page.request, account.name);
  const name = `A network of ${account.name}`;
  const answer = await page.request.post("/api/v1/external", {
    data: anExternal({ dataset: null, name, batchSize: 16 }),
  });
  expect(answer.status(), await answer.text()).toBe(201);
  await page.goto(addressOf(16, 1000));
  const row = page.getByRole("table", { name: /^By batch, after 1,000 steps/ }).getByRole("row", { name: /^16 / });
  await expect(row.getByText(/the best constant of \d+ networks? of people’s own/)).toHaveCount(1);
  await expect(page.getByText("own training code, not repeated by the server").first()).toBeVisible();
  const table = page.getByRole("region", { name: "The best constant β of networks trained with own code" });
  await expect(table.getByRole("row", { name: `${name} Leaves 16 1,000 0.9` })).toBeVisible();
  await expectSound(page);
  await table.getByRole("link", { name }).click();
  await expect(page.getByRole("heading", { level: 1, name })).toBeVisible();
  await page.getByRole("button", { name: `Take it back as ${account.name}` }).click();
  await expect(page).toHaveURL(/\/external$/);
  await page.goto(addressOf(16, 1000));
  await expect(page.getByRole("link", { name })).toHaveCount(0);
});

test("says that it has no answer beyond what was measured, and shows what it has", async ({ page }) => {
  await page.goto(addressOf(512, 1000));
  await expect(page.getByText("Batch 512: outside what was measured")).toBeVisible();
  await expect(
    page
      .getByRole("table", { name: /^By steps, at batch 512/ })
      .getByText("not measured")
      .first(),
  ).toBeVisible();
  await expect(
    page.getByRole("table", { name: /^By batch, after 1,000 steps/ }).getByRole("row", { name: /^8 / }),
  ).toBeVisible();
  await expectSound(page);
});

test("needs no script", async ({ browser, baseURL }) => {
  const context = await browser.newContext({ javaScriptEnabled: false, baseURL: baseURL! });
  const page = await context.newPage();
  await page.goto(addressOf(8, 1000));
  await page.getByLabel("Batch, images", { exact: true }).fill("16");
  await page.getByRole("button", { name: "Show" }).click();
  await expect(page.getByText(answerAt(16, "1,000"))).toBeVisible();
  await context.close();
});

test("offers the measured cells as CSV", async ({ page }) => {
  await page.goto("/choose");
  const file = await page.request.get(
    (await page.getByRole("link", { name: "All data as CSV" }).getAttribute("href"))!,
  );
  const rows = parse(await file.text(), { columns: true }) as Record<string, string>[];
  const places = new Set(
    rows.map(({ dataset, model, batch_size, steps }) => `${dataset} ${model} ${batch_size} ${steps}`),
  );
  expect(places.size).toBe(map.places.length);
});

test("is found by what people ask", async ({ page }, { project }) => {
  test.skip(project.name !== "desktop", "a phone has no palette");
  await page.goto("/docs");
  const asking = page.getByRole("combobox", { name: "Page, board, policy or person" });
  await expect(async () => {
    await page.keyboard.press("Control+k"); // the first may come before the page's script listens
    await expect(asking).toBeVisible({ timeout: 1000 });
  }).toPass();
  for (const asked of ["batch size", "safe", "which momentum"]) {
    await asking.fill(asked);
    await expect(page.getByRole("option", { name: /^Which momentum\?/ })).toBeVisible();
  }
  await page.keyboard.press("Enter");
  await expect(page).toHaveURL(/\/choose$/);
});
