/** Signing in through an OpenID Connect provider, in a browser, and return addresses that next-auth would fail on. */
import type { Page } from "@playwright/test";
import { expect, test } from "@playwright/test";
import type { TestProvider } from "../support/oidc";
import { startProvider } from "../support/oidc";
import { signUp, trySignIn } from "../support/sign-in";
import type { Site } from "../support/site";
import { startSite } from "../support/site";
import { placeOf } from "./places";

const { port, dataFolder } = placeOf("provider");
const address = `http://localhost:${port}`;

test.describe.configure({ mode: "serial" });

let site: Site;
let provider: TestProvider;

test.beforeAll(async () => {
  test.setTimeout(600_000); // it may build the site
  provider = await startProvider(address);
  // With a path and a slash: only the origin counts.
  site = await startSite(port, dataFolder, { ...provider.settings, NEXTAUTH_URL: `${address}/some/path/` });
});

test.afterAll(async () => {
  await site?.stop();
  await provider?.stop();
});

const unique = (name: string): string => `${name}-${Date.now().toString(36)}`;

/** From the site's page to the provider's. */
async function startSignIn(page: Page, returnTo = "/settings"): Promise<void> {
  await page.goto(`${address}/signin?callbackUrl=${encodeURIComponent(returnTo)}`);
  await page.getByRole("button", { name: "Continue with Test University" }).click();
}

/** At the provider: as whom, and that the site may know. */
async function identify(page: Page, name: string): Promise<void> {
  await page.getByPlaceholder("Enter any login").fill(name);
  await page.getByPlaceholder("and password").fill("anything");
  await page.getByRole("button", { name: "Sign-in" }).click();
  await page.getByRole("button", { name: "Continue" }).click();
}

async function signInAs(page: Page, name: string, returnTo?: string): Promise<void> {
  await startSignIn(page, returnTo);
  await identify(page, name);
}

/** Signs in to a local account, and goes to the provider from its settings. */
async function startLinking(page: Page, name: string): Promise<void> {
  await page.goto(`${address}/signin?callbackUrl=/settings`);
  await page.getByLabel("Name").fill(name);
  await page.getByLabel("Password").fill("correct horse battery");
  await page.getByRole("button", { name: "Sign in", exact: true }).click();
  await page.getByRole("button", { name: "Link Test University" }).click();
}

/** The account that the browser is signed in to. */
const account = async (page: Page): Promise<{ name: string } | null> => {
  const answer = await page.request.get(`${address}/api/v1/account`);
  return answer.ok() ? ((await answer.json()) as { name: string }) : null;
};

const signOut = (page: Page) => page.context().clearCookies();

test("makes an account at the first sign-in, and finds it at the next", async ({ page }) => {
  const name = unique("ada");
  await signInAs(page, name, "/settings?again#tokens");
  await expect(page).toHaveURL(`${address}/settings?again#tokens`);
  await expect(page.getByRole("link", { name, exact: true }).first()).toBeVisible();
  expect((await account(page))?.name).toBe(name);
  const before = await page.request.get(`${address}/u/${name}`);
  expect(before.status()).toBe(200);

  await signOut(page);
  expect(await account(page)).toBeNull();
  await signInAs(page, name);
  await expect(page).toHaveURL(`${address}/settings`);
  expect((await account(page))?.name).toBe(name);
  expect((await page.request.get(`${address}/u/${name}-2`)).status()).toBe(404);
});

test("never gives someone another's account: a name that is taken, or the site's own, gets another", async ({
  page,
}) => {
  const name = unique("grace");
  await signUp(address, name);
  await signInAs(page, name);
  await expect(page).toHaveURL(`${address}/settings`);
  expect((await account(page))?.name).toBe(`${name}-2`);

  await signOut(page);
  await signInAs(page, "admin");
  await expect(page).toHaveURL(`${address}/settings`);
  expect((await account(page))?.name).toMatch(/^newcomer/);
});

test("links an identity to the account that is signed in, which it then signs in to, and removes it again", async ({
  page,
}) => {
  const name = unique("lise");
  await signUp(address, name);
  await startLinking(page, name);
  const there = unique("meitner");
  await identify(page, there);
  await expect(page.getByText("You can sign in with your password or through Test University.")).toBeVisible();
  expect((await account(page))?.name).toBe(name);

  await signOut(page);
  await signInAs(page, there);
  await expect(page).toHaveURL(`${address}/settings`);
  expect((await account(page))?.name).toBe(name);

  await page.getByRole("button", { name: "Remove Test University" }).click();
  await expect(page.getByRole("button", { name: "Link Test University" })).toBeVisible();
  await signOut(page);
  await signInAs(page, there);
  await expect(page).toHaveURL(`${address}/settings`);
  expect((await account(page))?.name).toBe(there);

  // Now it has an account of its own, which no other account can take it from.
  await signOut(page);
  await startLinking(page, name);
  await identify(page, there);
  await expect(page.getByText("belongs to another account")).toBeVisible();
  expect((await account(page))?.name).toBe(name);
});

test("returns to the site, whatever address a link asked for", async ({ page }) => {
  for (const asked of ["https://evil.example/", "//evil.example", "/.//evil.example", "javascript:alert(1)"]) {
    await signOut(page);
    await signInAs(page, unique("eve"), asked);
    await expect(
      page
        .getByRole("button", { name: "Account" })
        .or(page.getByRole("link", { name: /^eve-/ }))
        .first(),
    ).toBeVisible();
    expect(new URL(page.url()).origin, asked).toBe(address);
  }
});

test("says that consent was refused, and lets people try again", async ({ page }) => {
  await startSignIn(page);
  await page.getByRole("link", { name: "Cancel" }).click();
  await expect(page).toHaveURL(/\/signin\?/);
  await expect(page.getByText("was told not to let you in")).toBeVisible();
  expect(await account(page)).toBeNull();
  await page.getByRole("button", { name: "Continue with Test University" }).click();
  const name = unique("ida");
  await identify(page, name);
  await expect(page).toHaveURL(`${address}/settings`);
  expect((await account(page))?.name).toBe(name);
});

test("takes no answer that it did not ask for", async ({ page }) => {
  await page.goto(`${address}/api/auth/callback/oidc?code=stolen&state=forged`);
  await expect(page.getByText("did not confirm who you are")).toBeVisible();
  expect(await account(page)).toBeNull();
});

test("says that a provider is down, and local accounts go on working", async ({ page }) => {
  const { OIDC_ISSUER } = provider.settings;
  await provider.stop();
  await startSignIn(page);
  await expect(page.getByText("The other site can’t be reached")).toBeVisible();
  const name = unique("mary");
  await signUp(address, name);
  expect((await trySignIn(address, name, "correct horse battery")).answer.status).toBe(200);

  provider = await startProvider(address, Number(new URL(OIDC_ISSUER!).port));
  await signInAs(page, unique("joan"));
  await expect(page).toHaveURL(`${address}/settings`);
});

test("answers requests that next-auth would fail on with 4xx, or without what was wrong in them", async ({
  request,
}) => {
  const post = (url: string, data: string | Record<string, string>) =>
    request.post(`${address}/api/auth/${url}`, {
      ...(typeof data === "string" ? { data, headers: { "content-type": "application/json" } } : { form: data }),
      maxRedirects: 0,
    });
  const { csrfToken } = (await (await request.get(`${address}/api/auth/csrf`)).json()) as { csrfToken: string };
  const name = unique("rosa");
  await signUp(address, name);
  const credentials = { csrfToken, name, password: "correct horse battery", json: "true" };
  for (const callbackUrl of ["http://", "//", "\\\\evil.example", "javascript:alert(1)", "\u0000", "http://[", "%"]) {
    const query = `callback/credentials?callbackUrl=${encodeURIComponent(callbackUrl)}`;
    for (const answer of [
      await post("callback/credentials", { ...credentials, callbackUrl }),
      await post(query, credentials),
    ]) {
      expect(answer.status(), callbackUrl).toBe(200);
      expect(new URL(((await answer.json()) as { url: string }).url).origin, callbackUrl).toBe(address);
    }
  }
  for (const body of ["{", "", "[]", "5", '{"callbackUrl":5}', '{"callbackUrl":{"a":[]}}'])
    expect((await post("callback/credentials", body)).status(), body).toBeLessThan(500);
  for (const path of ["error?error=%0a", "error/%0a", "error?error=%E2%98%83", "nonsense", "callback/none", "%ff"])
    expect((await request.get(`${address}/api/auth/${path}`, { maxRedirects: 0 })).status(), path).toBeLessThan(500);
  for (const path of ["/", "/api/auth/session", "/settings"]) {
    const headers = { cookie: "next-auth.callback-url=%00garbage" };
    expect((await request.get(`${address}${path}`, { headers })).status(), path).toBe(200);
  }
});
