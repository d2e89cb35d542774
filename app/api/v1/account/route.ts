/** Make a local account; signing in is a step of its own. */
import { signUp, signUpSchema } from "@/lib/server/accounts";
import { invalid } from "@/lib/leaderboard";
import type { Refusal } from "@/lib/leaderboard";
import { readJson } from "../../body";
import { refused } from "../../problem";

export async function POST(request: Request): Promise<Response> {
  const body = await readJson(request, 4096);
  if ("refusal" in body) return body.refusal;
  const asked = signUpSchema.safeParse(body.json);
  if (!asked.success) return refused(invalid(asked.error, withoutPassword(body.json)) as [Refusal, ...Refusal[]]);
  const made = await signUp(asked.data);
  if ("refusal" in made) return refused([made.refusal]);
  return Response.json({ name: made.user.name, url: `/u/${made.user.name}` }, { status: 201, headers: { location: `/u/${made.user.name}` } });
}

/** A password is not said back, not even to whoever sent it. */
const withoutPassword = (json: unknown): unknown =>
  typeof json === "object" && json !== null && "password" in json ? { ...json, password: typeof json.password === "string" ? `${json.password.length} characters` : typeof json.password } : json;
