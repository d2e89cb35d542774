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
  const result = await signIn("credentials", { name: made.answer.name, password, redirect: false });
  return result?.ok
    ? { name: made.answer.name, password }
    : { refused: `${made.answer.name} was made, with the password ${password}: sign in with it.` };
}
