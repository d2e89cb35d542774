/** Accounts and sessions of a running site, through its API, as used by a program without a browser. */
import type { APIRequestContext, Page } from "@playwright/test";
import type { Site } from "./site";

const password = "correct horse battery";

/** Creates a local account. */
export async function signUp(address: string, name: string): Promise<void> {
  const answer = await fetch(`${address}/api/v1/account`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ name, password }),
  });
  if (answer.status !== 201) throw new Error(`making ${name}: ${answer.status} ${await answer.text()}`);
}

/** The response to a sign-in, with the cookies it set. */
export async function trySignIn(
  address: string,
  name: string,
  secret: string,
  headers: Record<string, string> = {},
): Promise<{ answer: Response; cookies: string[] }> {
  const csrf = await fetch(`${address}/api/auth/csrf`, { headers });
  const { csrfToken } = (await csrf.json()) as { csrfToken: string };
  const answer = await fetch(`${address}/api/auth/callback/credentials`, {
    method: "POST",
    headers: { ...headers, cookie: pairs(csrf.headers.getSetCookie()) },
    body: new URLSearchParams({ csrfToken, name, password: secret, json: "true" }),
  });
  return { answer, cookies: answer.headers.getSetCookie() };
}

/** The `cookie` header of a session. */
export async function signIn(address: string, name: string): Promise<string> {
  const { answer, cookies } = await trySignIn(address, name, password);
  if (!answer.ok) throw new Error(`signing in as ${name}: ${answer.status}`);
  return pairs(cookies);
}

/** Signs a browser in without its form: `request` is a page's own, which shares its cookies. */
export async function signInBrowser(request: APIRequestContext, name: string, address = ""): Promise<void> {
  const { csrfToken } = (await (await request.get(`${address}/api/auth/csrf`)).json()) as { csrfToken: string };
  const answer = await request.post(`${address}/api/auth/callback/credentials`, {
    form: { csrfToken, name, password, json: "true" },
  });
  if (!answer.ok()) throw new Error(`signing in as ${name}: ${answer.status()}`);
}

/** Makes an account in the dialog that a page opens to whoever publishes without one, as a newcomer does. */
export async function signUpInDialog(page: Page, name: string): Promise<void> {
  const dialog = page.getByRole("dialog");
  await dialog.getByText("New account").click();
  await dialog.getByLabel("Name").fill(name);
  await dialog.getByLabel("Password").fill(password);
  await dialog.getByRole("button", { name: "Make account and sign in" }).click();
}

/** Makes an account a maintainer, with the code that the site printed when it started. @param cookie of its session */
export async function claimMaintainer({ address, printed }: Site, name: string, cookie: string): Promise<void> {
  const [, code] = new RegExp(`DMBENCH_MAINTAINERS: ${name} .*: ([0-9a-f-]+)\\n`).exec(printed()) ?? [];
  const answer = await fetch(`${address}/api/v1/account/maintainer`, {
    method: "POST",
    headers: { cookie, "content-type": "application/json" },
    body: JSON.stringify({ code }),
  });
  if (answer.status !== 204) throw new Error(`claiming ${name}: ${answer.status} ${await answer.text()}`);
}

const pairs = (cookies: readonly string[]): string => cookies.map((cookie) => cookie.split(";")[0]).join("; ");
