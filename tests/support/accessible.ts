/** Checks that every page must pass: no axe violations and no horizontal scrolling. */
import AxeBuilder from "@axe-core/playwright";
import type { Page } from "@playwright/test";
import { expect } from "@playwright/test";

/** Rules whose result depends on the theme. */
const colourRules = ["color-contrast", "link-in-text-block"];

/** Expects both of the page in its current state, by every rule or only by `rules`. */
export async function expectSound(page: Page, rules?: readonly string[]): Promise<void> {
  const chosen = rules ? { runOnly: [...rules] } : { rules: { "target-size": { enabled: true } } };
  // Only violations are reported, and axe runs in the page itself: without cross-origin frames the result is the same,
  // in a fifth of the time on a long page.
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

/** Expects both in the light theme, and checks the colour rules again in the dark theme. */
export async function expectSoundInBothThemes(page: Page): Promise<void> {
  await page.emulateMedia({ colorScheme: "light" });
  await expectSound(page);
  await page.emulateMedia({ colorScheme: "dark" });
  await expectSound(page, colourRules);
}
