/** Make a local account; signing in is a step of its own. */
import { z } from "zod";
import { signUp, signUpSchema } from "@/lib/server/accounts";
import { created, endpoint } from "../../endpoint";
import { refused } from "../../problem";

export const POST = endpoint(
  {
    summary: "Make an account",
    detail: "A local one, with a name and a password. Signing in is a step of its own, at /signin.",
    tag: "people",
    access: "anyone",
    body: { schema: signUpSchema, limitBytes: 4096, secret: ["password"] },
    json: z.object({ name: z.string(), url: z.string() }),
    answers: { 201: "Made" },
    problems: { 409: "The name is taken" },
  },
  async ({ body }) => {
    const made = await signUp(body);
    if ("refusal" in made) return refused([made.refusal]);
    const url = `/u/${made.user.name}`;
    return created({ name: made.user.name, url }, url);
  },
);
