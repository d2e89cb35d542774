/** A training on the train page: started, paused, and brought to its first checkpoint. */
import type { Page } from "@playwright/test";
import { expect } from "@playwright/test";
import { stored } from "./stored";

export async function train(page: Page, address: string): Promise<void> {
  await page.goto(address);
  await page.getByRole("button", { name: "Train", exact: true }).click();
}

export async function pause(page: Page): Promise<void> {
  await page.getByRole("button", { name: "Pause" }).click();
  await expect(page.getByRole("heading", { name: "Paused" })).toBeVisible({ timeout: 240_000 });
}

/** Trains until there is a checkpoint. One is due after three seconds: a short training spends them paused. */
export async function trainToCheckpoint(page: Page, address: string): Promise<void> {
  await train(page, address);
  await pause(page);
  await page.waitForTimeout(3000);
  await page.getByRole("button", { name: "Resume" }).click();
  await checkpointStored(page);
}

/** Waits for the running training's first checkpoint. */
export const checkpointStored = (page: Page): Promise<void> =>
  expect
    .poll(async () => (await stored(page, "training-under-way"))?.step ?? 0, { timeout: 240_000, intervals: [100] })
    .toBeGreaterThan(0);
