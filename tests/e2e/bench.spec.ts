/** Measuring a machine in the browser, publishing the figures, and finding them in the table and its files. */
import { expect, test } from "@playwright/test";
import { parse } from "csv-parse/sync";
import { aMeasurement } from "../leaderboard/a-measurement";
import { expectSound } from "../support/accessible";
import { chromiumFlags, findChromium } from "../support/chromium";

const chromium = await findChromium();

// Without WebGPU, as on many a machine: a software adapter alone would take longer than everything else here.
test.use({
  launchOptions: {
    ...(chromium && { executablePath: chromium.program }),
    args: chromiumFlags.filter((flag) => !/webgpu|Vulkan/.test(flag)),
  },
});

test("measures, compares, publishes once without an account, and exports", async ({ page }) => {
  await page.goto("/bench?seconds=10");
  await expect(page.getByRole("radio", { name: "10 s" })).toBeChecked();
  await page.getByRole("button", { name: "Measure this machine" }).click();
  await expect(page.getByRole("progressbar")).toBeVisible();
  await expect(page.getByRole("button", { name: "Stop" })).toBeVisible();
  await expect(page.getByRole("heading", { name: "This machine, measured" })).toBeVisible();

  await expect(page.getByText(/^WebGPU: not measured, .*hardware acceleration/)).toBeVisible();
  const results = page.getByRole("region", { name: "Images per second on this machine" });
  const mlp = results.getByRole("row", { name: /MLP, batch 64, WASM/ });
  const imagesPerSecond = Number((await mlp.getByRole("cell").first().innerText()).replaceAll(",", ""));
  expect(imagesPerSecond).toBeGreaterThan(0);
  await expect(page.getByRole("region", { name: "Parts of a step on WASM" })).toBeVisible();
  await expectSound(page);

  // The first attempt's answer is lost: the second stores nothing twice.
  const before = (await (await page.request.get("/api/v1/measurements?take=100")).json()).measurements.length;
  let lost = 0;
  await page.route("**/api/v1/measurements", async (route) => {
    if (route.request().method() !== "POST" || lost++ > 0) return route.fallback();
    await route.fetch();
    await route.abort();
  });
  await page.getByRole("button", { name: "Publish" }).click();
  await expect(page.getByRole("alert").filter({ hasText: "can’t be reached" })).toBeVisible();
  await page.getByRole("button", { name: "Publish" }).click();
  await expect(page.getByRole("heading", { name: "Published", exact: true })).toBeVisible();
  const { measurements } = await (await page.request.get("/api/v1/measurements?take=100")).json();
  expect(measurements).toHaveLength(before + 1);
  expect(measurements[0]).toMatchObject({ browser: "Chrome", system: "Linux" });
  const [speed] = measurements[0].speeds.filter(
    ({ network, backend }: { network: string; backend: string }) => network === "mlp" && backend === "wasm",
  );
  expect(Math.round(speed.imagesPerSecond.median)).toBe(imagesPerSecond);

  const table = page.getByRole("region", { name: "Images per second by class of device and network" });
  const { cores } = measurements[0];
  await expect(table.getByRole("row", { name: `Chrome, Linux, ${cores} core` }).first()).toBeVisible();
  await page.getByRole("navigation", { name: "Backend" }).getByRole("link", { name: "WASM" }).click();
  await expect(page).toHaveURL(/backend=wasm/);
  const file = await page.request.get((await page.getByRole("link", { name: "CSV" }).getAttribute("href"))!);
  const rows = parse(await file.text(), { columns: true }) as Record<string, string>[];
  expect(rows.length).toBeGreaterThan(0);
  expect(new Set(rows.map(({ backend }) => backend))).toEqual(new Set(["wasm"]));
});

test("stops at once, and keeps nothing running", async ({ page }) => {
  await page.goto("/bench?seconds=60");
  await page.getByRole("button", { name: "Measure this machine" }).click();
  await page.getByRole("button", { name: "Stop" }).click();
  await expect(page.getByRole("heading", { name: "Stopped", exact: true })).toBeVisible();
  await expect(page.getByRole("button", { name: "Measure again" })).toBeVisible();
  expect(page.workers()).toHaveLength(0);
});

test("the table is there without scripts", async ({ browser, baseURL, request }) => {
  const measurement = aMeasurement({ system: "Without scripts" });
  const data = { idempotencyKey: `without-scripts-${Date.now()}`, measurement };
  expect((await request.post("/api/v1/measurements", { data })).status()).toBe(201);
  const context = await browser.newContext({ javaScriptEnabled: false, baseURL: baseURL! });
  const page = await context.newPage();
  await page.goto("/bench?network=mlp");
  await expect(
    page.getByRole("row", { name: "Chrome, Without scripts, 4 cores, 4 threads WASM 20,000" }),
  ).toBeVisible();
  await context.close();
});
