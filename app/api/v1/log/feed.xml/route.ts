/** The newest entries of the public log as a feed. */
import { z } from "zod";
import { actionWords, detailWords } from "@/app/_components/text/describe-log";
import { logPage, subjectPages } from "@/lib/server/moderation/log";
import { endpoint } from "../../../endpoint";
import { feed, feedAnswers, feedLength, feedMedia } from "../../../feed";
import { allowOnly } from "../../../other-methods";

export const GET = endpoint(
  {
    summary: "The log as a feed",
    detail: "Atom: its newest entries.",
    tag: "moderation",
    access: "anyone",
    query: z.strictObject({}),
    media: feedMedia,
    answers: feedAnswers,
  },
  async ({ request }) => {
    const records = await logPage({ take: feedLength });
    const pages = await subjectPages(records);
    return feed(request, {
      title: "DMBench: log",
      page: "/log",
      entries: records.map((record) => ({
        id: `log/${record.id}`,
        title: actionWords(record.action),
        link: pages.get(record.id) ?? "/log",
        published: record.createdAt,
        updated: record.createdAt,
        author: record.actor,
        summary: detailWords(record),
      })),
    });
  },
);

export const { POST, PUT, PATCH, DELETE, OPTIONS } = allowOnly("GET");
