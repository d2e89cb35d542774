/** The newest policies as a feed. */
import { z } from "zod";
import { listPolicies } from "@/lib/server/policies/read";
import { endpoint } from "../../../endpoint";
import { feed, feedAnswers, feedLength, feedMedia } from "../../../feed";
import { allowOnly } from "../../../other-methods";

export const GET = endpoint(
  {
    summary: "Policies as a feed",
    detail: "Atom: the newest policies.",
    tag: "policies",
    access: "anyone",
    query: z.strictObject({}),
    media: feedMedia,
    answers: feedAnswers,
  },
  async ({ request }) => {
    const policies = await listPolicies();
    return feed(request, {
      title: "DMBench: momentum policies",
      page: "/policies",
      entries: [...policies]
        .sort((a, b) => b.createdAt.getTime() - a.createdAt.getTime())
        .slice(0, feedLength)
        .map(({ slug, hash, name, rule, description, author, createdAt }) => ({
          id: `policies/${hash}`,
          title: name,
          link: `/policies/${encodeURIComponent(slug)}`,
          published: createdAt,
          updated: createdAt,
          author,
          summary: [rule, description].filter(Boolean).join(". "),
        })),
    });
  },
);

export const { POST, PUT, PATCH, DELETE, OPTIONS } = allowOnly("GET");
