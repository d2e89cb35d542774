/** A person's policies and newest runs. */
import { z } from "zod";
import { user } from "@/lib/server/people/users";
import { endpoint } from "../../../endpoint";
import { allowOnly } from "../../../other-methods";
import { userNameSchema } from "../../../parameters";
import { notFound } from "../../../problem";
import { userSchema } from "../../../schemas/people";

export const GET = endpoint(
  {
    summary: "A person",
    detail: "Their policies and newest runs.",
    tag: "people",
    access: "anyone",
    params: z.object({ name: userNameSchema }),
    json: userSchema,
    answers: { 200: "The person" },
    problems: { 404: "No account of this name" },
  },
  async ({ params: { name } }) => (await user(name)) ?? notFound("account of this name", "/api/v1/runs"),
);

export const { POST, PUT, PATCH, DELETE, OPTIONS } = allowOnly("GET");
