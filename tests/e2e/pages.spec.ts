/**
 * What every page guarantees: no accessibility violation (light on a desktop, dark on a phone), no horizontal
 * scrolling, rows in the HTML, a theme that persists, keyboard access, no TensorFlow.js on pages that don't compute.
 */
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { gzipSync } from "node:zlib";
import type { Browser, Page } from "@playwright/test";
import { expect, test } from "@playwright/test";
import { parse } from "csv-parse/sync";
import { aMeasurement, aSpeed } from "../leaderboard/a-measurement";
import { aSubmission } from "../leaderboard/a-submission";
import { anExternal } from "../leaderboard/an-external";
import { expectSound } from "../support/accessible";
import { digits } from "../support/digits";
import { signInBrowser } from "../support/sign-in";
import { ticketOf } from "../support/tickets";

const password = "correct horse battery";
const name = `reader-${Date.now().toString(36)}`;
const published: string[] = [];
const external: string[] = [];

/** An account and two published runs, through the public API. */
test.beforeAll(async ({ browser }) => {
  const page = await browser.newPage();
  await page.request.post("/api/v1/account", { data: { name, password } });
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
    const submission = aSubmission({
      dataset,
      ...(await ticketOf(page.request)),
      policies: ["pytorch-default", "keras-default", "dmbn", "precise-bn"],
      wrongEvery: [10 + run, 7, 12, 11],
    });
    const answer = await page.request.post("/api/v1/runs", { data: submission });
    expect(answer.status(), await answer.text()).toBe(201);
    published.push((await answer.json()).id);
  }
  for (const data of [dataset, null]) {
    const answer = await page.request.post("/api/v1/external", { data: anExternal({ dataset: data }) });
    expect(answer.status(), await answer.text()).toBe(201);
    external.push((await answer.json()).id);
  }
  for (const [index, cores] of [4, 8, 8].entries()) {
    const idempotencyKey = `${name}-${index}-of-a-machine`;
    const measurement = aMeasurement({ cores, speeds: [aSpeed(), aSpeed({ network: "cnn" })] });
    const answer = await page.request.post("/api/v1/measurements", { data: { idempotencyKey, measurement } });
    expect(answer.status(), await answer.text()).toBe(201);
  }
  await page.close();
});

const routes = {
  home: () => "/",
  "all boards": () => "/leaderboard",
  "all boards, the safe ones first": () => "/leaderboard?board=digits-mlp&variant=bn&sort=worst&rows=all",
  board: () => "/leaderboard/digits-mlp",
  "board of runs by users": () => "/leaderboard/digits-mlp?division=open",
  "sorted board": () => "/leaderboard/digits-mlp?sort=esm&direction=ascending",
  "narrowed and drawn board": () => "/leaderboard/digits-mlp?q=d&pin=bn/dmbn&chart=shift&density=compact",
  "board drawn over time, every seed": () => "/leaderboard/digits-mlp?chart=time&seeds=each",
  "all boards at once": () => "/leaderboard/overview?division=open&min.digits-mlp.bn=50",
  "published board": () => "/leaderboard/mnist-mlp-deep-b4",
  "empty board": () => "/leaderboard/cifar-10-resnet-50-full",
  run: () => `/runs/${published[0]}`,
  "methods compared": () =>
    "/compare?benchmark=digits-mlp&division=open&methods=bn/dmbn,bn/pytorch-default,bn/precise-bn",
  "runs compared": () => `/compare?runs=${published.join(",")}`,
  "nothing to compare": () => "/compare",
  policies: () => "/policies",
  schedule: () => "/policies/cvnets-cosine",
  selection: () => "/policies/dmbn",
  contribute: () => "/contribute",
  speed: () => "/bench",
  "speed, of one network on one backend": () => "/bench?network=cnn&backend=wasm&sort=device&seconds=10",
  "which momentum": () => "/choose?dataset=digits&model=mlp&batch=12&steps=1000&framework=keras",
  "which momentum, where nothing was measured": () => "/choose?dataset=digits&model=mlp&batch=1000",
  "networks of people's own": () => "/external",
  "networks of people's own, on one data set": () => "/external?dataset=digits",
  "a network scored by the server": () => `/external/${external[0]}`,
  "a network whose figures are claimed": () => `/external/${external[1]}`,
  study: () => "/study",
  "our policy": () => "/study/our-policy",
  documentation: () => "/docs",
  "how it measures": () => "/docs/method",
  "policy language": () => "/docs/policies",
  "the command": () => "/docs/command",
  "running a site": () => "/docs/running",
  "running a site in containers": () => "/docs/running/containers",
  "running a site as functions": () => "/docs/running/functions",
  "CDN and cost": () => "/docs/running/cdn",
  "files and Python": () => "/docs/python",
  "regime of the study": () => "/study/mnist-mlp-deep-b4",
  API: () => "/docs/api",
  log: () => "/log",
  status: () => "/status",
  "sign-in": () => "/signin",
  person: () => `/u/${name}`,
  "no such page": () => "/no/such/page",
};

for (const [title, address] of Object.entries(routes)) {
  test(`${title}: accessible, no horizontal scrolling, no error`, { tag: "@pages" }, async ({ page }) => {
    const missing = title === "no such page";
    const errors: string[] = [];
    page.on("pageerror", (error) => errors.push(error.message));
    page.on(
      "console",
      (message) => message.type() === "error" && !missing && errors.push(`${message.text()} ${message.location().url}`),
    );
    const response = await page.goto(address());
    expect(response?.status()).toBe(missing ? 404 : 200);
    await expect(page).toHaveTitle(/\S/);
    await expect(page.getByRole("heading", { level: 1 })).toHaveCount(1);
    await expectSound(page);
    expect(errors).toEqual([]);
  });
}

test("settings, and the form of a flag: accessible, no horizontal scrolling; a token is shown only once", {
  tag: "@pages",
}, async ({ page }) => {
  await signInBrowser(page.request, name);
  const token = `laptop ${test.info().project.name}`;
  for (const address of ["/settings", "/notices", `/moderation/new?subject=run&id=${published[0]}`]) {
    await page.goto(address);
    await expectSound(page);
  }
  await page.goto("/settings");
  await page.getByLabel("Name", { exact: true }).fill(token);
  await page.getByRole("button", { name: "Make token" }).click();
  await expect(page.getByText(/^dmb_[\w-]{43}$/)).toBeVisible();
  await page.reload();
  await expect(page.getByText(/^dmb_/)).toHaveCount(0);
  await page.getByRole("button", { name: `Revoke ${token}` }).click();
  await expect(page.getByRole("rowheader", { name: token })).toHaveCount(0);
});

test("name, score and drawn interval are above the fold", { tag: "@pages" }, async ({ page }) => {
  await page.goto("/leaderboard/digits-mlp?division=open");
  const row = page.getByRole("table").first().getByRole("row", { name: "PyTorch default" }); // runs follow below
  for (const part of [row.getByRole("rowheader"), row.getByText("±").first(), row.locator(".interval")])
    await expect(part).toBeInViewport({ ratio: 0.99 });
});

test("the board's rows, and its sorting, need no script", async ({ browser, baseURL }) => {
  const context = await browser.newContext({ javaScriptEnabled: false, baseURL: baseURL! });
  const page = await context.newPage();
  await page.goto("/leaderboard/digits-mlp?division=open&pin=none");
  const first = page.getByRole("table").getByRole("rowheader").first();
  await expect(first).toContainText("DMBN"); // every twelfth is wrong: the fewest errors
  await page.getByRole("link", { name: "accuracy" }).click();
  await expect(page.getByRole("columnheader", { name: "accuracy", exact: false }).first()).toHaveAttribute(
    "aria-sort",
    "descending",
  );
  await expect(first).toContainText("DMBN");
  await page.getByRole("link", { name: "accuracy" }).click();
  await expect(first).toContainText("Keras default"); // every seventh
  await page.getByRole("link", { name: "accuracy" }).click();
  await expect(page).toHaveURL(/\/digits-mlp\?division=open&pin=none$/);
  await context.close();
});

test("a sort is in the URL, survives a reload, and Back undoes it", async ({ page }) => {
  await page.goto("/leaderboard/digits-mlp");
  await page.getByRole("link", { name: "all layers" }).click();
  await expect(page).toHaveURL(/sort=esm&direction=ascending/);
  await page.reload();
  await expect(page.getByRole("columnheader", { name: "all layers" })).toHaveAttribute("aria-sort", "ascending");
  await page.goBack();
  await expect(page.locator("[aria-sort]")).toHaveCount(0);
});

test("a board pins the baselines, and one click unpins them; so it is after a reload", async ({ page }) => {
  await page.goto("/leaderboard/digits-mlp");
  const pinned = page.locator("tbody.pinned tr");
  await expect(pinned).toHaveCount(6);
  await page.getByRole("link", { name: "6 baselines pinned (unpin)" }).click();
  await expect(page).toHaveURL(/\?pin=none$/);
  await expect(pinned).toHaveCount(0);
  await page.reload();
  await expect(pinned).toHaveCount(0);
  await page.getByRole("link", { name: "Pin the baselines" }).click();
  await expect(page).toHaveURL(/\/digits-mlp$/);
  await page
    .locator("tbody.pinned tr")
    .first()
    .getByRole("link", { name: /^unpin/ })
    .click();
  await expect(pinned).toHaveCount(5);
});

test("a page of another site may read the API and published files, without cookies, and may write nothing", async ({
  page,
  baseURL,
}) => {
  const another = createServer((_, response) => response.setHeader("content-type", "text/html").end("<p>Another site"));
  await once(another.listen(0), "listening");
  try {
    await page.goto(`http://localhost:${(another.address() as AddressInfo).port}/`);
    const send = (
      path: string,
      init: { headers?: Record<string, string>; method?: string; credentials?: "include" } = {},
    ) =>
      page.evaluate(
        ([address, options]) =>
          fetch(address, options).then(
            ({ status, headers }) => ({ status, etag: headers.get("etag") }),
            () => "refused by the browser",
          ),
        [baseURL + path, init] as const,
      );
    const answer = await send("/api/v1/benchmarks");
    expect(answer).toEqual({ status: 200, etag: expect.any(String) });
    const { etag } = answer as { etag: string };
    expect(await send("/api/v1/benchmarks", { headers: { "if-none-match": etag } })).toMatchObject({ status: 304 });
    expect(await send("/map/map.json")).toMatchObject({ status: 200 });
    expect(await send("/api/v1/benchmarks", { credentials: "include" })).toBe("refused by the browser");
    expect(await send("/api/v1/policies", { method: "DELETE" })).toBe("refused by the browser");
    expect(await send("/leaderboard")).toBe("refused by the browser");
  } finally {
    another.close();
  }
});

test("study and board of the same recipe link to each other", async ({ page }) => {
  await page.goto("/study/mnist-mlp");
  await page.getByRole("link", { name: /The board of this recipe/ }).click();
  await expect(page).toHaveURL(/\/leaderboard\/mnist-mlp$/);
  await page.getByRole("link", { name: "The same recipe in the published study" }).click();
  await expect(page).toHaveURL(/\/study\/mnist-mlp$/);
});

test("an empty board says what it waits for; one of published results where they are from", async ({ page }) => {
  await page.goto("/leaderboard/cifar-10-resnet-50-full");
  await expect(page.getByText("It needs a GPU, and nobody has run it yet")).toBeVisible();
  // Nobody has recorded it: the data is missing, or the site is set to leave it out.
  await page.goto("/leaderboard/cifar-100-resnet-50");
  await expect(page.getByText(/datasets fetch cifar-100|DMBENCH_RECORD\b/)).toBeVisible();

  await page.goto("/leaderboard/mnist-mlp-deep-b4");
  await expect(
    page.getByText(/Published with DMBench [\d.]+, public seeds; anyone can recompute them\./),
  ).toBeVisible();
  const file = await page.request.get((await page.getByRole("link", { name: "public seeds" }).getAttribute("href"))!);
  expect(file.status()).toBe(200);
  await page.getByRole("link", { name: "recompute them" }).click();
  await expect(page.locator("#results")).toContainText("results --benchmark mnist-mlp --verify");
});

test("methods over all boards are ordered by the URL, as a file too, without a script", async ({
  browser,
  baseURL,
}) => {
  const context = await browser.newContext({ javaScriptEnabled: false, baseURL: baseURL! });
  const page = await context.newPage();
  await page.goto("/leaderboard");
  const table = page.getByRole("table", { name: /Methods over all boards/ });
  await page.getByRole("link", { name: "Safe everywhere" }).click();
  await expect(page).toHaveURL(/sort=worst$/);
  await expect(page.getByRole("columnheader", { name: "worst" })).toHaveAttribute("aria-sort", "ascending");
  await expect(page.getByRole("heading", { name: /^Safest everywhere|has the highest mean/ })).toBeVisible();
  const first = await table.getByRole("rowheader").first().getByRole("link").textContent();
  const file = await page.getByRole("link", { name: "CSV", exact: true }).getAttribute("href");
  const [, row] = parse(await (await page.request.get(file!)).text()) as string[][];
  expect(row![0]).toBe(first);
  await page.getByRole("link", { name: "BN-BFN" }).click();
  await expect(page).toHaveURL(/variant=bn-bfn&sort=worst$/);
  await expect(table.getByRole("row").nth(2)).toContainText("BN-BFN");
  await context.close();
});

test("a chosen theme is in the first HTML of the next visit", async ({ page }) => {
  await page.emulateMedia({ colorScheme: "light" });
  await page.goto("/");
  const light = await background(page);
  await page.getByRole("radio", { name: "Dark" }).check({ force: true });
  await expect.poll(() => background(page)).not.toBe(light);
  const html = await (await page.request.get("/leaderboard")).text();
  expect(html).toContain('data-theme="dark"');
  await page.reload();
  expect(await background(page)).not.toBe(light);
  await expect(page.getByRole("radio", { name: "Dark" })).toBeChecked();
  await page.getByRole("radio", { name: "System" }).check({ force: true });
  await expect.poll(() => background(page)).toBe(light);
});

test("the theme can be switched even if storage is blocked", async ({ page }) => {
  await page.addInitScript(() => {
    const refuse = () => {
      throw new DOMException("blocked", "SecurityError");
    };
    Object.defineProperty(document, "cookie", { get: refuse, set: refuse });
    Object.defineProperty(window, "localStorage", { get: refuse });
  });
  await page.emulateMedia({ colorScheme: "light" });
  await page.goto("/");
  const light = await background(page);
  await page.getByRole("radio", { name: "Dark" }).check({ force: true });
  expect(await background(page)).not.toBe(light);
  await page.getByRole("link", { name: "Policies", exact: true }).click();
  await expect(page.getByRole("heading", { level: 1, name: "Momentum policies" })).toBeVisible();
  expect(await background(page)).not.toBe(light);
});

test("content, explanations and rows are reachable by keyboard alone", async ({ page }) => {
  await page.goto("/leaderboard/digits-mlp");
  await page.keyboard.press("Tab");
  await expect(page.getByRole("link", { name: "Skip to content" })).toBeFocused();
  await page.keyboard.press("Enter");
  await expect(page.getByRole("main")).toBeFocused();
  const tip = page.getByRole("button", { name: "About specificity" });
  await tip.focus();
  await page.keyboard.press("Enter");
  await expect(page.getByText("in other clothes")).toBeVisible();
  await page.keyboard.press("Escape");
  await expect(page.getByText("in other clothes")).toBeHidden();
  await expect(tip).toBeFocused();
  await page.getByRole("table").getByRole("link", { name: "DMBN", exact: true }).first().focus();
  await page.keyboard.press("Enter");
  await expect(page).toHaveURL(/\/policies\/dmbn$/);
});

test("moving the memory slider moves the needle and updates its text", async ({ page }) => {
  await page.goto("/");
  const slider = page.getByRole("slider", { name: /Memory/ });
  await expect(slider).toHaveAttribute("aria-valuetext", "10 batches: keeps 0.9 of the old average");
  await slider.press("End");
  await expect(slider).toHaveAttribute("aria-valuetext", "1,000 batches: keeps 0.999 of the old average");
  await expect(page.getByText("(PyTorch 0.001)")).toBeVisible();
});

test("a run shows the selected method", async ({ page }) => {
  await page.goto(`/runs/${published[0]}`);
  await page.getByRole("link", { name: "Keras default" }).click();
  await expect(page.getByRole("heading", { name: "Keras default, layer by layer" })).toBeVisible();
  await page.reload();
  await expect(page.getByRole("heading", { name: "Keras default: what was taken for what" })).toBeVisible();
});

test("pages that don't compute load no TensorFlow.js and little script", async ({ browser }) => {
  // Gzipped bytes; Next itself is 127,000. The home page redraws its picture in the browser.
  const budgets = {
    "/": 170_000,
    "/leaderboard/digits-mlp": 145_000,
    "/policies/dmbn": 145_000,
    [`/runs/${published[0]}`]: 145_000,
  };
  for (const [address, budget] of Object.entries(budgets)) {
    const scripts = await scriptsOf(browser, address);
    expect(scripts.filter((text) => /tfjs|tensorflow/i.test(text))).toEqual([]);
    const bytes = scripts.reduce((sum, text) => sum + gzipSync(text).length, 0);
    test
      .info()
      .annotations.push({ type: "script", description: `${address}: ${Math.round(bytes / 1024)} KiB gzipped` });
    expect(bytes).toBeLessThan(budget);
  }
});

test("the sign-in form says what is wrong with which field, and signs in", async ({ page }) => {
  await page.goto("/signin?callbackUrl=//elsewhere.example/");
  await page.getByLabel("Name").fill(name);
  await page.getByLabel("Password").fill("not the password");
  await page.getByRole("button", { name: "Sign in" }).click();
  await expect(page.getByLabel("Password")).toHaveAccessibleDescription(/No account has this name and password/);
  await page.getByRole("radio", { name: "New account" }).check({ force: true });
  await page.getByRole("button", { name: "Make account and sign in" }).click();
  await expect(page.getByLabel("Name")).toHaveAccessibleDescription(/Choose another name/);
  const fresh = `${name}-2`;
  await page.getByLabel("Name").fill(fresh);
  await page.getByRole("button", { name: "Make account and sign in" }).click();
  await expect(page.getByRole("link", { name: fresh })).toBeVisible();
  expect(new URL(page.url()).host).toBe(new URL(test.info().project.use.baseURL!).host);
  await page.getByRole("button", { name: "Sign out" }).click();
  await expect(page.getByRole("link", { name: "Sign in" })).toBeVisible();
});

const background = (page: Page) => page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor);

/** Every script that a first visit loads, and what it prefetches within a second. */
async function scriptsOf(browser: Browser, address: string): Promise<string[]> {
  const page = await browser.newPage();
  const scripts: Promise<string>[] = [];
  page.on("response", (response) => {
    if (response.request().resourceType() === "script") scripts.push(response.text());
  });
  await page.goto(address, { waitUntil: "load" });
  const texts = await Promise.all(scripts);
  await page.close();
  return texts;
}
