/** What every page owes: nothing that axe finds, and nothing to scroll to sideways. */
import AxeBuilder from "@axe-core/playwright";
import type { Page } from "@playwright/test";
import { expect } from "@playwright/test";

/** Those whose verdict depends on a theme. */
const colourRules = ["color-contrast", "link-in-text-block"];

/** Expects both of the page as it stands, by every rule or by some. */
export async function expectSound(page: Page, rules?: readonly string[]): Promise<void> {
  const chosen = rules ? { runOnly: [...rules] } : { rules: { "target-size": { enabled: true } } };
  // What passes is not written out, and what is found is gathered in the page itself: without frames of other sites it
  // is the same, and a long page takes a fifth of the time.
  const { violations } = await new AxeBuilder({ page })
    .setLegacyMode()
    .options({ ...chosen, resultTypes: ["violations"] })
    .analyze();
  expect(violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html}`))).toEqual([]);
  expect(
    await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth),
    "sideways scrolling",
  ).toBeLessThanOrEqual(0);
}

/** Expects both in the light, and in the dark once more what colours can change. */
export async function expectSoundInBothThemes(page: Page): Promise<void> {
  await page.emulateMedia({ colorScheme: "light" });
  await expectSound(page);
  await page.emulateMedia({ colorScheme: "dark" });
  await expectSound(page, colourRules);
}
