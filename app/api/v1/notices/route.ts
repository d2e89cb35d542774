/** The caller's notices: the list. */
import { z } from "zod";
import { mutedNotices, noticesOf, unreadNotices } from "@/lib/server/notices/read";
import { endpoint, nextPage } from "../../endpoint";
import { allowOnly } from "../../other-methods";
import { afterSchema, nextSchema, takeSchema } from "../../parameters";
import { noticeKindSchema, noticeSchema } from "../../schemas/people";

export const GET = endpoint(
  {
    summary: "Your notices",
    detail: "What happened to what you published, newest first. No mail is sent.",
    tag: "people",
    access: "user",
    scope: "read",
    query: z.strictObject({ take: takeSchema(100, 20), after: afterSchema }),
    json: z.object({
      notices: z.array(noticeSchema),
      unread: z.int(),
      muted: z.array(noticeKindSchema).describe("Kinds that you turned off"),
      next: nextSchema,
    }),
    answers: { 200: "A page of notices" },
  },
  async ({ caller, request, query }) => {
    const [notices, unread, muted] = await Promise.all([
      noticesOf(caller.id, query),
      unreadNotices(caller.id),
      mutedNotices(caller.id),
    ]);
    return {
      notices,
      unread,
      muted,
      next: nextPage(request, notices.length === query.take ? notices.at(-1)!.id : undefined),
    };
  },
);

export const { POST, PUT, PATCH, DELETE, OPTIONS } = allowOnly("GET");
