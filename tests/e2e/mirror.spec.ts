/** A mirror of the site that most tests share: the same boards, a line on every page, and nothing can be written. */
import { rmSync } from "node:fs";
import { expect, test } from "@playwright/test";
import type { Document } from "@/app/api/openapi";
import { expectSoundInBothThemes } from "../support/accessible";
import type { Site } from "../support/site";
import { startSite } from "../support/site";
import { placeOf } from "./places";

const { port, dataFolder } = placeOf("mirror");
test.describe.configure({ mode: "serial" });
test.setTimeout(600_000); // starts a site, on a machine that may be busy

let mirror: Site;
test.beforeAll(async ({ baseURL }) => {
  const list = async () => (await (await fetch(`${baseURL}/api/v1/dumps`)).json()) as { dumps: object[] };
  await expect.poll(async () => (await list()).dumps).not.toEqual([]);
  rmSync(dataFolder, { recursive: true, force: true });
  mirror = await startSite(port, dataFolder, { DMBENCH_MIRROR_OF: `${baseURL}/`, DMBENCH_DUMPS: "nightly" });
});
test.afterAll(async () => mirror?.stop());

test("shows the other site's boards, and says on every page whose they are and of when", async ({ page, baseURL }) => {
  const closed = async (address: string) => {
    const response = await fetch(`${address}/api/v1/benchmarks/digits-mlp?division=closed`);
    return ((await response.json()) as { rows: object[] }).rows;
  };
  const expected = await closed(baseURL!);
  expect(expected.length).toBeGreaterThan(5);
  await expect.poll(() => closed(mirror.address)).toEqual(expected);
  await expect.poll(() => mirror.printed()).toContain(`Mirror of ${baseURL}: now as of `);
  for (const path of ["/", "/leaderboard/digits-mlp", "/train", "/signin", "/status", "/docs/running"]) {
    await page.goto(mirror.address + path);
    await expect(page.getByText(/^A read-only mirror of localhost:\d+, as of \d+ \w+ 20\d\d\./)).toBeVisible();
    await expect(page.getByRole("link", { name: "Publish there" })).toHaveAttribute("href", baseURL!);
  }
  expect(await (await fetch(`${mirror.address}/api/v1/dumps`)).json()).toEqual({ dumps: [] });
});

test("refuses every write, sign-up and sign-in", async ({ page, baseURL }) => {
  const api = (await (await fetch(`${mirror.address}/api/v1/openapi.json`)).json()) as Document;
  const writes = Object.entries(api.paths).flatMap(([path, methods]) =>
    Object.keys(methods)
      .filter((method) => method !== "get")
      .map((method) => [method.toUpperCase(), path.replace(/\{\w+\}/g, "1")] as const),
  );
  expect(writes.length).toBeGreaterThan(20);
  for (const [method, path] of [
    ...writes,
    ["POST", "/api/auth/callback/credentials"],
    ["POST", "/api/auth/signin/github"],
    ["GET", "/api/auth/callback/github"],
  ] as const) {
    const response = await fetch(mirror.address + path, {
      method,
      headers: { "content-type": "application/json" },
      ...(method !== "GET" && { body: "{}" }),
    });
    expect.soft(response.status, `${method} ${path}`).toBe(403);
    expect.soft(await response.json(), `${method} ${path}`).toMatchObject({
      type: "urn:dmbench:problem:read-only-mirror",
      detail: `This site is a read-only mirror of ${baseURL}. Nothing was stored; send it there.`,
    });
  }
  await page.goto(`${mirror.address}/signin`);
  await expect(page.getByRole("link", { name: /^Sign in at localhost/ })).toHaveAttribute("href", `${baseURL}/signin`);
  await expect(page.getByLabel("Password")).toHaveCount(0);
});

test("has accessible pages, without sideways scrolling on the narrowest phone", async ({ page }) => {
  for (const path of ["/", "/signin", "/status"])
    for (const width of [1280, 360]) {
      await page.setViewportSize({ width, height: 740 });
      await page.goto(mirror.address + path);
      await expectSoundInBothThemes(page);
    }
});
