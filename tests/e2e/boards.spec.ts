/**
 * Boards as people use them: views in the URL, exports of exactly what is shown, charts linked to rows, everything
 * reachable by keyboard.
 */
import type { Page } from "@playwright/test";
import { expect, test } from "@playwright/test";
import { aSubmission } from "../leaderboard/a-submission";
import { digits } from "../support/digits";
import { signInBrowser, signUp } from "../support/sign-in";
import type { Site } from "../support/site";
import { startSite } from "../support/site";
import { ticketOf } from "../support/tickets";
import { placeOf } from "./places";

const { port, dataFolder } = placeOf("boards");
const name = "reader";
const board = "/leaderboard/digits-mlp";

let site: Site;

test.use({ baseURL: `http://localhost:${port}` });
test.afterAll(() => site.stop());

test.beforeAll(async ({ browser }) => {
  site = await startSite(port, dataFolder);
  await signUp(site.address, name);
  const page = await browser.newPage();
  await signInBrowser(page.request, name);
  const { info, hash, subset, test: examples } = await digits();
  const dataset = {
    slug: info.slug,
    version: info.version,
    subset,
    hash,
    classes: info.classes.length,
    testLabels: examples.labels,
  };
  for (const run of [1, 2]) {
    const answer = await page.request.post("/api/v1/runs", {
      data: aSubmission({
        dataset,
        ...(await ticketOf(page.request)),
        policies: ["pytorch-default", "keras-default", "dmbn", "static-0.5"],
        wrongEvery: [10 + run, 7, 12, 9],
      }),
    });
    expect(answer.status(), await answer.text()).toBe(201);
  }
  await page.close();
});

const names = (page: Page) =>
  page.locator("table.data-table").first().locator("tbody tr:not(.section) th").allTextContents();
const rowsOf = (page: Page) => page.locator("table.data-table").first().locator("tbody tr:not(.section)");

test("a filter is a chip and in the URL, survives a reload and can be removed; Back restores it", async ({ page }) => {
  await page.goto(board);
  const all = await rowsOf(page).count();
  await page.getByRole("button", { name: "Filters" }).click();
  await page
    .getByRole("group", { name: "Kind of policy" })
    .getByRole("checkbox", { name: /selection/ })
    .check();
  await page.getByRole("button", { name: "Show these" }).click();
  await expect(page).toHaveURL(/\?kind=select$/); // no empty fields, no usual columns
  await expect(page.getByText(/\d+ shown, \d+ hidden/)).toBeVisible();
  const few = await names(page);
  expect(few.length).toBeLessThan(all);
  await page.reload();
  expect(await names(page)).toEqual(few);
  await page.getByRole("link", { name: /kind of policy: selection/ }).click();
  await expect(page).toHaveURL(/digits-mlp$/);
  await expect(rowsOf(page)).toHaveCount(all);
  await page.goBack();
  await expect(page).toHaveURL(/kind=select$/);
  await expect(rowsOf(page)).toHaveCount(few.length);
});

test("search, columns, pins and seeds work without a script", async ({ browser, baseURL }) => {
  const context = await browser.newContext({ javaScriptEnabled: false, baseURL: baseURL! });
  const page = await context.newPage();
  await page.goto(`${board}?pin=bn/dmbn`);
  await expect(page.locator("tbody.pinned tr")).toHaveCount(1);
  await page.getByRole("searchbox", { name: "Search" }).fill("static");
  await page.getByRole("button", { name: "Search" }).click();
  await expect(page).toHaveURL(/q=static/);
  await expect(page).toHaveURL(/pin=bn%2Fdmbn/);
  expect((await names(page)).every((text, index) => (index === 0 ? text.includes("DMBN") : /static/i.test(text)))).toBe(
    true,
  );
  await page.getByRole("button", { name: "Columns" }).click();
  await page.getByRole("checkbox", { name: "Specificity" }).uncheck();
  await page.getByRole("button", { name: "Show these" }).click();
  await expect(page.getByRole("columnheader", { name: "specificity" })).toHaveCount(0);
  await page.goto(`${board}?seeds=each&q=static`);
  await expect(page.getByRole("rowheader", { name: /run \d/ }).first()).toBeVisible();
  await context.close();
});

test("a file holds the rows of the page, in its order", async ({ page }) => {
  await page.goto(`${board}?sort=method&direction=descending&q=default`);
  const shown = await page.locator("table.data-table tbody tr:not(.section) th > a").allTextContents();
  await page.getByRole("button", { name: "Export" }).click();
  const address = await page.getByRole("link", { name: "JSON", exact: true }).getAttribute("href");
  const { rows } = (await (await page.request.get(address!)).json()) as { rows: { name: string }[] };
  expect(rows.map((row) => row.name)).toEqual(shown);
  for (const format of ["csv", "parquet", "markdown", "latex"])
    expect((await page.request.get(address!.replace("format=json", `format=${format}`))).status()).toBe(200);
});

test("pointing at a mark of a chart shows its row", async ({ page }) => {
  await page.goto(`${board}?chart=rates`);
  await page.locator('tr[data-key="bn/dmbn"]').hover();
  await expect(page.locator('svg [data-key="bn/dmbn"]')).toHaveAttribute("data-pointed", "");
  await expect(page.locator("[data-pointed]")).toHaveCount(2);
});

test("an entry of a chart's legend toggles showing it alone, by keyboard too", async ({ page }) => {
  await page.goto(`${board}?chart=rates`);
  const legend = page.getByRole("list", { name: "Kind of policy: show one alone" });
  await legend.getByRole("link", { name: /^selection/ }).focus();
  await page.keyboard.press("Enter");
  await expect(page).toHaveURL(/kind=select/);
  await expect(legend.getByRole("link", { name: /shown alone/ })).toHaveAttribute("aria-current", "true");
  await legend.getByRole("link", { name: /shown alone/ }).click();
  await expect(page).not.toHaveURL(/kind=/);
});

test("a view can be saved, reopened by name, and deleted", async ({ page }) => {
  await page.goto(`${board}?q=dmbn`);
  await page.getByRole("button", { name: "View", exact: true }).click();
  await page.getByLabel("Save this view as").fill("mine");
  await page.getByRole("button", { name: "Save", exact: true }).click();
  await page.goto(board);
  await page.getByRole("button", { name: "View", exact: true }).click();
  await page.getByRole("link", { name: "mine" }).click();
  await expect(page).toHaveURL(/q=dmbn$/);
  await page.getByRole("button", { name: "View", exact: true }).click();
  await page.getByRole("button", { name: "Forget mine" }).click();
  await expect(page.getByRole("link", { name: "mine" })).toHaveCount(0);
});

test("Ctrl K finds a policy by keyboard alone", async ({ page }) => {
  await page.goto("/");
  const field = page.getByRole("combobox", { name: "Page, board, policy or person" });
  await expect(async () => {
    await page.keyboard.press("Control+k"); // the first may come before the page's script listens
    await expect(field).toBeFocused({ timeout: 2000 });
  }).toPass();
  await field.fill("pytorch def");
  await expect(page.getByRole("option", { name: /PyTorch default/ })).toHaveAttribute("aria-selected", "true");
  await page.keyboard.press("Enter");
  await expect(page).toHaveURL(/\/policies\/pytorch-default$/);
});

test("a run's mistakes are shown as pictures, and its settings can be trained again", async ({ page }) => {
  const { runs } = (await (await page.request.get("/api/v1/runs?take=1")).json()) as { runs: { id: string }[] };
  await page.goto(`/runs/${runs[0]!.id}`);
  const picture = page.getByRole("img", { name: /Test example \d+/ }).first();
  await picture.scrollIntoViewIfNeeded();
  await expect.poll(() => picture.evaluate((image: HTMLImageElement) => image.naturalWidth)).toBe(8);
  await page.getByRole("link", { name: "Re-run this in my browser" }).click();
  await expect(page).toHaveURL(new RegExp(`reproduces=${runs[0]!.id}`));
  await expect(page.getByText("counted as a reproduction")).toBeVisible();
});

test("pictures for link previews and badges are generated", async ({ page }) => {
  const { runs } = (await (await page.request.get("/api/v1/runs?take=1")).json()) as { runs: { id: string }[] };
  for (const address of [board, "/policies/dmbn", `/runs/${runs[0]!.id}`]) {
    await page.goto(address);
    const picture = await page.locator('meta[property="og:image"]').getAttribute("content");
    const answer = await page.request.get(new URL(picture!).pathname + new URL(picture!).search);
    expect(answer.headers()["content-type"]).toBe("image/png");
    expect((await answer.body()).length).toBeGreaterThan(10_000);
  }
  const badge = await page.request.get("/api/v1/benchmarks/digits-mlp/badge.svg?method=bn/dmbn&division=open");
  expect(badge.headers()["content-type"]).toBe("image/svg+xml");
  expect(await badge.text()).toMatch(/digits-mlp v1: (rank|one of)[^<]*predictions scored/);
});
