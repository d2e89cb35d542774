/**
 * The site within others: frames of boards and policies, how programs find them, feeds, and scoring from another
 * origin.
 */
import { once } from "node:events";
import type { Server } from "node:http";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { Page } from "@playwright/test";
import { expect, test } from "@playwright/test";
import { expectSoundInBothThemes } from "../support/accessible";
import { readAtom } from "../support/atom";

const board = "/embed/leaderboard/digits-mlp";
const policy = "/embed/policies/dmbn";

let another: Server;
/** The address of another site, whose page shows the HTML in its query. */
let elsewhere: string;
test.beforeAll(async () => {
  another = createServer(({ url }, response) =>
    response
      .setHeader("content-type", "text/html; charset=utf-8")
      .end(`<!doctype html><title>Another site</title>${new URL(url!, "http://localhost").searchParams.get("html")}`),
  );
  await once(another.listen(0), "listening");
  elsewhere = `http://localhost:${(another.address() as AddressInfo).port}/`;
});
test.afterAll(() => another.close());

const showElsewhere = (page: Page, html: string) => page.goto(`${elsewhere}?${new URLSearchParams({ html })}`);

test("pages of other sites frame a board and a policy, and no other page", async ({ page, baseURL }) => {
  const framed = (path: string) => `<iframe title="${path}" src="${baseURL}${path}" width="800" height="500"></iframe>`;
  await showElsewhere(page, [board, policy].map(framed).join(""));
  await expect(page.frameLocator("iframe").first().getByRole("heading", { name: "Digits, MLP" })).toBeVisible();
  await expect(page.frameLocator("iframe").first().getByRole("rowheader")).toHaveCount(10);
  await expect(page.frameLocator("iframe").last().getByRole("heading", { name: "DMBN" })).toBeVisible();
  for (const path of [
    "/settings",
    "/leaderboard/digits-mlp",
    "/policies/dmbn",
    "/api/v1/benchmarks",
    "/embed/nothing",
    "/embed/policies/a/b",
  ]) {
    const refused = page.waitForEvent("console", (message) => /frame/i.test(message.text()));
    await showElsewhere(page, framed(path));
    expect((await refused).text(), path).toMatch(/frame-ancestors|X-Frame-Options/i);
    expect(await page.frames()[1]!.content(), path).not.toMatch(/<main|"benchmarks"/);
  }
});

for (const [title, path] of Object.entries({
  "a board": `${board}?rows=20`,
  "a policy": `${policy}?rows=20`,
  "an empty board": "/embed/leaderboard/cifar-10-resnet-50-full",
  "a board that doesn't exist": "/embed/leaderboard/no-such",
}))
  test(`the frame of ${title}: at most 40 kB, no script, no cookie; accessible, no sideways scrolling`, {
    tag: "@pages",
  }, async ({ page, context }) => {
    const requests: string[] = [];
    let bytes = 0;
    page.on("requestfinished", async (request) => {
      requests.push(request.url());
      const { responseBodySize, responseHeadersSize } = await request.sizes();
      bytes += responseBodySize + responseHeadersSize;
    });
    const response = await page.goto(path, { waitUntil: "networkidle" });
    expect(response!.status()).toBe(title.includes("exist") ? 404 : 200);
    expect(response!.headers()["set-cookie"]).toBeUndefined();
    expect(await context.cookies()).toEqual([]);
    await expect.poll(() => bytes).toBeGreaterThan(1000);
    expect(bytes).toBeLessThan(40_000);
    expect(requests.filter((url) => !url.endsWith("/favicon.ico"))).toEqual([page.url()]);
    await expect(page.locator("script")).toHaveCount(0);
    await expect(page).toHaveTitle(/ · DMBench$/);
    for (const link of await page.getByRole("link").all()) {
      expect(await link.getAttribute("target")).toBe("_blank");
      expect(await link.getAttribute("rel")).toBe("noopener");
      expect((await page.request.get((await link.getAttribute("href"))!)).status()).toBe(200);
    }
    await expectSoundInBothThemes(page);
  });

test("a frame has the rows and figures of the board, as many as it is asked for", async ({ page }) => {
  await page.goto("/leaderboard/digits-mlp?pin=none");
  const read = () =>
    page
      .locator(".data-table tbody tr")
      .evaluateAll((rows) =>
        rows
          .filter((row) => !row.classList.contains("section"))
          .map((row) => [
            row.querySelector("th a")!.textContent,
            [...row.querySelectorAll("td")].map((cell) => cell.textContent).find((text) => text.includes("±")),
          ]),
      );
  const expected = await read();
  expect(expected.length).toBeGreaterThan(20);
  for (const rows of [1, 10, 20]) {
    await page.goto(`${board}?rows=${rows}`);
    expect(await read()).toEqual(expected.slice(0, rows));
  }
});

test("a frame has the theme that its address names, or else the visitor's", async ({ page }) => {
  const background = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  const shown = async (theme: string, colorScheme: "light" | "dark") => {
    await page.emulateMedia({ colorScheme });
    await page.goto(`${board}?theme=${theme}`);
    return background();
  };
  const [light, dark] = [await shown("auto", "light"), await shown("auto", "dark")];
  expect(light).not.toBe(dark);
  expect([await shown("light", "dark"), await shown("dark", "light")]).toEqual([light, dark]);
});

test("a frame that the client has is not sent again", async ({ request }) => {
  const first = await request.get(board);
  const again = await request.get(board, { headers: { "if-none-match": first.headers().etag! } });
  expect([again.status(), (await again.body()).length]).toEqual([304, 0]);
});

test("the embed is copied by keyboard, and shows the page in another site's", async ({ page, context, baseURL }) => {
  await context.grantPermissions(["clipboard-read", "clipboard-write"]);
  for (const [path, title, open] of [
    ["/leaderboard/digits-mlp", "Digits, MLP", true],
    ["/policies/dmbn", "DMBN", false],
  ] as const) {
    await page.goto(path);
    if (open) {
      await page.getByRole("button", { name: "Export" }).focus();
      await page.keyboard.press("Enter");
    }
    await page.getByRole("button", { name: "Copy embed" }).focus();
    await page.keyboard.press("Enter");
    await expect(page.getByRole("button", { name: "Copied" })).toBeVisible();
    const html = await page.evaluate(() => navigator.clipboard.readText());
    expect(html).toContain(`src="${baseURL}/embed${path}"`);
    await showElsewhere(page, html);
    await expect(page.frameLocator("iframe").getByRole("heading", { name: title })).toBeVisible();
  }
});

test("programs find by a page's link how to show it, in the size that they have", async ({ page }) => {
  for (const [path, title] of [
    ["/leaderboard/digits-mlp", "Digits, MLP"],
    ["/policies/dmbn", "DMBN"],
  ] as const) {
    await page.goto(path);
    const link = page.locator('link[rel="alternate"][type="application/json+oembed"]');
    const address = (await link.getAttribute("href"))!;
    const usual = await (await page.request.get(address)).json();
    expect(usual).toMatchObject({ version: "1.0", type: "rich", provider_name: "DMBench" });
    const small = await (await page.request.get(`${address}&maxwidth=400&maxheight=260&dnt=1`)).json();
    expect(small.width).toBe(400);
    expect(small.height).toBeLessThanOrEqual(260);
    await showElsewhere(page, small.html);
    const frame = page.locator("iframe");
    await expect(frame).toHaveAttribute("width", "400");
    await expect(page.frameLocator("iframe").getByRole("heading", { name: title })).toBeVisible();
    const rows = await page.frameLocator("iframe").getByRole("rowheader").count();
    expect(rows).toBeGreaterThan(0);
    expect(rows).toBeLessThan(10);
  }
  for (const [query, status] of [
    ["url=https://elsewhere.example/leaderboard/digits-mlp", 404],
    [`url=${new URL("/settings", page.url()).href}`, 404],
    ["url=nothing&format=xml", 501],
    ["format=json", 422],
  ] as const)
    expect((await page.request.get(`/api/v1/oembed?${query}`)).status(), query).toBe(status);
});

test("board, policies and log link to valid feeds, whose entries lead to pages", async ({ page, baseURL }) => {
  for (const [path, first] of [
    ["/leaderboard/digits-mlp", /^First on Digits, MLP: /],
    ["/policies", /\S/],
    ["/log", /\S/],
  ] as const) {
    await page.goto(path);
    const address = (await page.locator('link[rel="alternate"][type="application/atom+xml"]').getAttribute("href"))!;
    const response = await page.request.get(address);
    expect(response.headers()["content-type"]).toBe("application/atom+xml; charset=utf-8");
    const feed = readAtom(await response.text());
    expect(feed.page).toBe(baseURL + path);
    expect(feed.self).toBe(address);
    expect(feed.entries.length).toBeGreaterThan(10);
    expect(feed.entries[0]!.title).toMatch(first);
    for (const { link } of feed.entries.slice(0, 3)) expect((await page.request.get(link)).status(), link).toBe(200);
    const again = await page.request.get(address, { headers: { "if-none-match": response.headers().etag! } });
    expect(again.status()).toBe(304);
    expect(readAtom(await (await page.request.get(address)).text())).toEqual(feed); // ids and times are from data
  }
});

test("a page of another site scores a document, without credentials", async ({ page, baseURL }) => {
  await showElsewhere(page, "");
  const send = (path: string, init: { credentials?: "include" } = {}) =>
    page.evaluate(
      ([address, options]) =>
        fetch(address, options).then(
          (response) => response.json(),
          () => "refused by the browser",
        ),
      [
        baseURL + path,
        {
          method: "POST",
          headers: { "content-type": "application/json" },
          body: JSON.stringify({ document: { kind: "schedule", momentum: "0.9" }, benchmark: "digits-mlp" }),
          ...init,
        },
      ] as const,
    );
  expect(await send("/api/v1/score")).toMatchObject({ difference: { n: 5, mean: 0 }, verdict: "tie" });
  expect(await send("/api/v1/score", { credentials: "include" })).toBe("refused by the browser");
  expect(await send("/api/v1/policies")).toBe("refused by the browser");
});

test("each page of the documentation is there as Markdown, with all its words", async ({ page, request, baseURL }) => {
  const sitemap = await (await request.get("/sitemap.xml")).text();
  const pages = [...sitemap.matchAll(/<loc>[^<]*(\/docs\/[^<]+)<\/loc>/g)].map(([, path]) => path!);
  expect(pages.length).toBeGreaterThan(8);
  const plain = (text: string) => text.replace(/[^\p{L}\p{N}]/gu, "");
  for (const path of pages) {
    const response = await request.get(`${path}.md`);
    expect([path, response.status(), response.headers()["content-type"]]).toEqual([
      path,
      200,
      "text/markdown; charset=utf-8",
    ]);
    const markdown = await response.text();
    const prose = markdown.replace(/^(`{3,})$.*?^\1$/gms, "");
    for (const [, address] of prose.matchAll(/\]\((\S+?)\)/g)) expect(address).toMatch(/^https?:\/\//);
    const words = plain(markdown.replace(/\]\(https?:\S+?\)/g, "]").replace(/<\/?su[bp]>/g, ""));
    await page.goto(path);
    const texts = await page.locator("main :is(h1, h2, h3, p:not(.crumbs), dt, dd, li, th, td, pre)").allTextContents();
    expect(texts.length).toBeGreaterThan(8);
    for (const text of texts) expect(words, `${path}: ${text}`).toContain(plain(text));
  }
  expect((await request.get("/docs/none.md")).status()).toBe(404);
  const listed = [...(await (await request.get("/llms.txt")).text()).matchAll(/\((\S+\.md)\)/g)];
  expect(listed.length).toBeGreaterThan(4);
  for (const [, address] of listed) {
    expect(address).toContain(baseURL!);
    expect((await request.get(address!)).status(), address).toBe(200);
  }
});
