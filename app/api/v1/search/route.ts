/** Search for boards, policies and people. */
import { z } from "zod";
import { textSchema } from "@/lib/records";
import { search } from "@/lib/server/search";
import { endpoint } from "../../endpoint";
import { allowOnly } from "../../other-methods";
import { takeSchema } from "../../parameters";

export const GET = endpoint(
  {
    summary: "Search",
    detail: "Boards, policies and people whose name holds the words, those that begin with them first.",
    tag: "boards",
    access: "anyone",
    query: z.strictObject({ q: textSchema({ max: 100 }), take: takeSchema(20, 6).describe("Of each kind") }),
    json: z.object({
      found: z.array(
        z.object({
          kind: z.enum(["board", "policy", "person"]),
          title: z.string(),
          detail: z.string(),
          href: z.string(),
        }),
      ),
    }),
    answers: { 200: "What was found" },
  },
  async ({ query: { q, take } }) => ({ found: await search(q, take) }),
);

export const { POST, PUT, PATCH, DELETE, OPTIONS } = allowOnly("GET");
