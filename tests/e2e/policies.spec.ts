/**
 * The policies: the gallery, and the playground from an idea to a rank band,
 * on the production build, with the server scoring on its own held-out runs.
 */
import AxeBuilder from "@axe-core/playwright";
import { expect, type Page, test } from "@playwright/test";

const password = "correct horse battery";
const name = `author-${Date.now().toString(36)}`;

test.beforeAll(async ({ request }) => {
  expect((await request.post("/api/v1/account", { data: { name, password } })).ok()).toBe(true);
});

/** The playground with scores of what stands in it. */
async function open(page: Page, address = "/policies/new"): Promise<void> {
  await page.goto(address);
  await scored(page);
}

const scored = (page: Page) => expect(page.locator('.live[aria-busy="false"]')).toBeVisible({ timeout: 30_000 });
const rule = (page: Page) => page.getByLabel(/β, the share/);
const yours = (page: Page) => page.getByRole("row", { name: /Your policy/ });

test("an idea becomes a ranked policy: fork, change, sign in, submit, find it again", async ({ page }) => {
  test.setTimeout(180_000);
  // The server records its held-out runs in the background of its first start.
  await expect.poll(async () => (await (await page.request.get("/api/v1/policies/pointnet")).json()).standings.length, { timeout: 120_000 }).toBeGreaterThan(0);
  await page.goto("/policies/pointnet");
  await page.getByRole("link", { name: "Fork" }).click();
  await scored(page);
  const before = await yours(page).innerText();

  const changed = `min(0.99, 1 - 0.${Date.now() % 89_999 + 10_000} * 0.5^floor(step / 40))`;
  await rule(page).fill(changed);
  await expect(yours(page)).not.toHaveText(before);
  await scored(page);

  await page.getByLabel("Name", { exact: true }).fill("Impatient PointNet");
  await page.reload();
  await scored(page);
  await expect(rule(page)).toHaveValue(changed);
  await expect(page.getByLabel("Name", { exact: true })).toHaveValue("Impatient PointNet");

  await page.getByRole("button", { name: "Submit and score" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("Name").fill(name);
  await dialog.getByLabel("Password").fill(password);
  await dialog.getByRole("button", { name: "Sign in", exact: true }).click();

  await expect(page).toHaveURL(/\/policies\/impatient-pointnet/, { timeout: 60_000 });
  await expect(page.getByRole("heading", { level: 1, name: "Impatient PointNet" })).toBeVisible();
  await expect(page.getByRole("link", { name: "PointNet", exact: true })).toBeVisible(); // fork of
  const standing = page.getByRole("row", { name: /Digits, MLP/ }).first();
  await expect(standing).toContainText(/\d+(–\d+)? of \d+/);
  await page.reload();
  await expect(standing).toContainText("recomputed by the server");

  await open(page, "/policies/new");
  await rule(page).fill(changed.replaceAll(" ", ""));
  await page.getByLabel("Name", { exact: true }).fill("The same again");
  await page.getByRole("button", { name: "Submit and score" }).click();
  await expect(page.getByText("This policy exists already")).toBeVisible({ timeout: 30_000 });
  await expect(page.getByRole("link", { name: "Go to its page" })).toHaveAttribute("href", /\/policies\/impatient-pointnet/);
});

test("the mark stands under the character that is wrong, and old scores are not shown as current", async ({ page }) => {
  await open(page);
  const text = "min(0.99, 1 - 0.5 * stp)";
  await rule(page).fill(text);
  await expect(rule(page)).toHaveAccessibleDescription(/Character 21: expected .* found “stp”/);
  const mark = page.locator(".expression-mirror mark").first();
  await expect(mark).toHaveText("s");
  const [at, start] = await mark.evaluate((element) => {
    const field = element.closest(".expression")!.querySelector("textarea")!;
    const style = getComputedStyle(field);
    return [element.getBoundingClientRect().left, field.getBoundingClientRect().left + parseFloat(style.borderLeftWidth) + parseFloat(style.paddingLeft)];
  });
  const width = await mark.evaluate((element) => element.getBoundingClientRect().width);
  expect(Math.abs(at! - (start! + text.indexOf("stp") * width))).toBeLessThan(2); // one width for every character
  await expect(page.locator('.live[aria-busy="true"]')).toContainText("the last rule that could be scored");
  await expect(page.getByRole("button", { name: "Submit and score" })).toBeDisabled();
});

test("__proto__, look-alikes, β outside [0, 1] and huge input are answered in the field", async ({ page }) => {
  const errors: string[] = [];
  page.on("pageerror", (error) => errors.push(error.message));
  await open(page);
  for (const [typed, answer] of [
    ["__proto__", /found “__proto__”/],
    ["1 − 1 / step", /Write - instead/],
    ["step / 100", /1\.01 at step 101/],
    ["1 / 0", /Infinity at step 1/],
    [`${"1 + ".repeat(200)}1`, /at most 512 characters/],
    ["<img src=x onerror=alert(1)>", /expected a number/],
  ] as const) {
    await rule(page).fill(typed);
    await expect(rule(page), typed.slice(0, 20)).toHaveAccessibleDescription(answer);
  }
  await rule(page).fill("1+".repeat(50_000));
  await expect(page.getByLabel("Document")).toHaveAccessibleDescription(/a document of at most 65536/);
  await rule(page).fill("0.9");
  await expect(page.locator('.live[aria-busy="false"]')).toContainText("PyTorch default");
  expect(errors).toEqual([]);
});

test("completion by keys; the browser's own undo takes it back", async ({ page }) => {
  await open(page);
  await rule(page).fill("");
  await rule(page).pressSequentially("flo");
  await expect(page.getByRole("option", { name: /floor/ })).toHaveAttribute("aria-selected", "true");
  await page.keyboard.press("Tab");
  await rule(page).pressSequentially("ste");
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Enter");
  await expect(rule(page)).toHaveValue("floor(steps");
  await page.keyboard.press("Control+z");
  await expect(rule(page)).not.toHaveValue("floor(steps");
  await rule(page).pressSequentially(" + st");
  await page.keyboard.press("Escape");
  await expect(page.getByRole("listbox")).toHaveCount(0);
});

test("fields and document stay one; Back takes a template back; the link carries all", async ({ page, context }) => {
  await open(page);
  const first = await rule(page).inputValue();
  await page.getByLabel("Begin from a template").selectOption({ label: "Cumulative: every batch counts the same" });
  await expect(rule(page)).toHaveValue("1 - 1 / step");
  await page.goBack();
  await expect(rule(page)).toHaveValue(first);
  await page.getByText("The same policy as a JSON document").click();
  await page.getByLabel("Document").fill('{"kind": "schedule", "momentum": 0.97, "variance": "biased"}');
  await expect(rule(page)).toHaveValue("0.97");
  await rule(page).fill("0.96");
  await expect(page.getByLabel("Document")).toHaveValue(/"momentum": "0.96",\s+"variance": "biased"/);
  await expect(page).toHaveURL(/#policy=/);
  const other = await context.newPage();
  await other.goto(page.url());
  await expect(rule(other)).toHaveValue("0.96");
});

test("a recorded run that can't be fetched says what to do; the rest works", async ({ page }) => {
  await page.route("**/trajectories/**", (route) => route.abort());
  await page.goto("/policies/new");
  await expect(page.getByRole("alert").filter({ hasText: "could not be fetched" })).toBeVisible({ timeout: 30_000 });
  await rule(page).fill("0.5");
  await expect(page.getByText("norm.momentum = 0.5")).toBeVisible();
  await page.unroute("**/trajectories/**");
  await page.getByRole("button", { name: "Try again" }).click();
  await scored(page);
});

test("scores follow each keystroke, and say how long they took", async ({ page }) => {
  await open(page);
  const milliseconds: number[] = [];
  for (let digit = 10; digit < 25; digit++) {
    await rule(page).fill(`min(0.99, 1 - 0.${digit} * 0.5^floor(step / 50))`);
    await page.waitForTimeout(400);
    milliseconds.push(Number(await page.locator(".latency").getAttribute("value")));
  }
  expect(milliseconds.every((time) => time > 0)).toBe(true);
  const median = milliseconds.sort((a, b) => a - b)[7]!;
  test.info().annotations.push({ type: "latency", description: `median ${median} ms, slowest ${milliseconds.at(-1)} ms; the aim is 100` });
});

for (const [title, act] of Object.entries({
  "a fresh policy": async () => {},
  "a broken rule": async (page: Page) => rule(page).fill("1 - ("),
  "a selection": async (page: Page) => page.getByText("Select", { exact: true }).click(),
})) {
  test(`${title}: accessible in both themes, no sideways scrolling`, { tag: "@pages" }, async ({ page }) => {
    await open(page);
    await act(page);
    await page.waitForTimeout(500);
    for (const colorScheme of ["light", "dark"] as const) {
      await page.emulateMedia({ colorScheme });
      const { violations } = await new AxeBuilder({ page }).options({ rules: { "target-size": { enabled: true } } }).analyze();
      expect(violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${colorScheme} ${id}: ${html}`))).toEqual([]);
    }
    expect(await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)).toBeLessThanOrEqual(0);
  });
}

test("the gallery is searched, filtered and sorted without a script, all in the address", async ({ browser, baseURL }) => {
  const context = await browser.newContext({ javaScriptEnabled: false, baseURL: baseURL! });
  const page = await context.newPage();
  await page.goto("/policies");
  await page.getByLabel("Search").fill("COSINE");
  await page.getByRole("button", { name: "Show" }).click();
  await expect(page).toHaveURL(/q=COSINE/);
  await expect(page.getByRole("rowheader")).toHaveText([/CVNets cosine/, /Momentum² cosine/, /BYOL cosine/]);
  await page.getByRole("link", { name: "Policy", exact: true }).click();
  await expect(page).toHaveURL(/q=COSINE.*sort=policy/);
  await expect(page.getByRole("rowheader").first()).toHaveText("BYOL cosine");
  await page.getByRole("link", { name: /^Selections 0/ }).click();
  await expect(page.getByText("No policy matches")).toBeVisible();
  await context.close();
});
