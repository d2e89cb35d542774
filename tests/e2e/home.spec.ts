import { expect, test } from "@playwright/test";

test("the home page loads without an error in the console", { tag: "@pages" }, async ({ page }) => {
  const errors: string[] = [];
  page.on("console", (message) => message.type() === "error" && errors.push(message.text()));
  page.on("pageerror", (error) => errors.push(error.message));

  const response = await page.goto("/");

  expect(response?.status()).toBe(200);
  await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
  expect(await page.evaluate(() => crossOriginIsolated)).toBe(true);
  await page.evaluate(() => new Promise((done) => requestIdleCallback(done))); // scripts have run, links are prefetched
  expect(
    await page.evaluate(() => document.documentElement.scrollWidth - innerWidth),
    "sideways scrolling",
  ).toBeLessThanOrEqual(0);
  expect(errors).toEqual([]);
});

test("Chromium has WebGPU", async ({ page }) => {
  await page.goto("/");
  expect(await page.evaluate(async () => (await navigator.gpu.requestAdapter()) !== null)).toBe(true);
});
