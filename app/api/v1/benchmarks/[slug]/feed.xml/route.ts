/** A board's feed: the method that stands first, and the newest ones. */
import { z } from "zod";
import { percent } from "@/app/_components/text/format";
import type { BoardEntry } from "@/lib/leaderboard";
import { bandInWords, boardViewSchema, embedView, formatBand, variantLabels } from "@/lib/leaderboard";
import { findBoard, lastChange } from "@/lib/server/boards/benchmarks";
import { pageOf } from "@/lib/server/boards/read";
import { endpoint } from "../../../../endpoint";
import { feed, feedAnswers, feedLength, feedMedia } from "../../../../feed";
import { allowOnly } from "../../../../other-methods";
import { slugSchema } from "../../../../parameters";
import { notFound } from "../../../../problem";

export const GET = endpoint(
  {
    summary: "A board as a feed",
    detail:
      "Atom: the method that stands first, an entry of its own for each method that ever does, and the newest methods.",
    tag: "boards",
    access: "anyone",
    params: z.object({ slug: slugSchema }),
    query: z.strictObject(boardViewSchema.pick({ division: true, version: true }).shape),
    media: feedMedia,
    answers: feedAnswers,
    problems: { 404: "No benchmark of this name and version" },
  },
  async ({ request, params: { slug }, query }) => {
    const board = await findBoard(slug, query);
    if (!board) return notFound("benchmark of this name and version", "/api/v1/benchmarks");
    const [leaders, newest, since] = await Promise.all([
      pageOf(board, query, { take: 1 }),
      pageOf(board, { ...query, sort: "first", direction: "descending", rows: "all" }, { take: feedLength }),
      lastChange(board.id),
    ]);
    const { title, version } = board;
    const id = `leaderboard/${slug}/${version}/${query.division}`;
    const about = (row: BoardEntry) => ({
      link: `/policies/${row.policy.slug}`,
      updated: row.updatedAt,
      author: row.policy.author,
      summary: describe(row),
    });
    return feed(request, {
      title: `${title}: ${query.division === "open" ? "runs by users" : "leaderboard"}`,
      page: embedView.href(`/leaderboard/${slug}`, query),
      since,
      entries: [
        ...leaders.rows.map((row) => ({
          ...about(row),
          id: `${id}/first/${row.method}`,
          title: `First on ${title}: ${nameOf(row)}`,
          published: row.firstAt,
        })),
        ...newest.rows.map((row) => ({
          ...about(row),
          id: `${id}/method/${row.method}`,
          title: `New on ${title}: ${nameOf(row)}`,
          published: row.firstAt,
        })),
      ],
    });
  },
);

const nameOf = ({ policy, variant }: BoardEntry): string => `${policy.name}, ${variantLabels[variant]}`;

/** Its rule, its accuracy, and where it stands. */
function describe({ policy: { rule }, accuracy: { mean, low, high }, band, standing, n }: BoardEntry): string {
  const margin = low !== null && high !== null ? ` ± ${percent((high - low) / 2)}` : "";
  const words = bandInWords(band, standing);
  return `${rule}. ${percent(mean)}${margin} % over ${n} seeds${words ? `; ${words}, rank ${formatBand(band)}` : ""}.`;
}

export const { POST, PUT, PATCH, DELETE, OPTIONS } = allowOnly("GET");
