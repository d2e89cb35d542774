/** An account by its name alone: the browser draws the password. */
import { signIn } from "next-auth/react";
import { newKey } from "@/app/_components/new-key";
import { callApi } from "@/app/api/client";

/** The password, for its owner to keep; or why there is no account. Signs in. */
export async function makeQuickAccount(
  name: string,
): Promise<{ name: string; password: string } | { refused: string }> {
  const password = newKey();
  const made = await callApi("POST", "/api/v1/account", { body: { name, password } });
  if ("problem" in made) return { refused: made.problem.errors[0]?.remedy ?? made.problem.detail };
  keep({ name: made.answer.name, password });
  const result = await signIn("credentials", { name: made.answer.name, password, redirect: false });
  return result?.ok
    ? { name: made.answer.name, password }
    : { refused: `${made.answer.name} was made, with the password ${password}: sign in with it.` };
}

const KEY = "quick-account";

/** In this tab alone, so that a reload doesn't lose it before its owner has written it down. */
function keep(account: { name: string; password: string }): void {
  try {
    sessionStorage.setItem(KEY, JSON.stringify(account));
  } catch {
    // blocked: it is shown until the page is left
  }
}

/** The password of the account, if this tab made it and its owner hasn't said that it is kept. */
export function keptPassword(name: string): string | null {
  try {
    const account = JSON.parse(sessionStorage.getItem(KEY) ?? "null") as { name: string; password: string } | null;
    return account?.name === name ? account.password : null;
  } catch {
    return null;
  }
}

/** Its owner has it. */
export function forgetPassword(): void {
  try {
    sessionStorage.removeItem(KEY);
  } catch {
    // blocked: there is nothing to remove
  }
}
