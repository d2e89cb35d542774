/** A badge with the rank of a method. */
import { z } from "zod";
import { badge, bandInWords, divisions, formatBand, readBoardView, tiers } from "@/lib/leaderboard";
import { boardPage } from "@/lib/server/boards/read";
import { sharedBriefly } from "../../../../caching";
import { endpoint } from "../../../../endpoint";
import { allowOnly } from "../../../../other-methods";
import { slugSchema, versionSchema } from "../../../../parameters";
import { notFound } from "../../../../problem";
import { divisionSchema } from "../../../../schemas/board";

export const GET = endpoint(
  {
    summary: "A method's badge",
    detail:
      "An SVG with the benchmark and its version, where the method stands, and what the server did to say so. What goes " +
      "wrong is a badge too, with the status of the problem, unless JSON is accepted.",
    tag: "boards",
    access: "anyone",
    params: z.object({ slug: slugSchema }),
    query: z.strictObject({
      method: z.string().regex(/^[a-z0-9-]{1,16}\/[a-z0-9._-]{1,64}$/, "variant/policy slug, such as bn/dmbn"),
      division: divisionSchema.default(divisions[0]),
      version: versionSchema.optional(),
    }),
    media: ["image/svg+xml"],
    answers: { 200: "The badge" },
    problemPicture: (status) =>
      badge({
        label: "DMBench",
        message:
          status === 404
            ? "no such method on this board"
            : status < 500
              ? "the address of this badge is wrong"
              : "not available now",
      }),
    problems: { 404: "No benchmark of this name and version, or no such method on its board" },
  },
  async ({ params: { slug }, query: { method, division, version } }) => {
    const page = await boardPage(
      slug,
      { ...readBoardView({ division, pin: method }), ...(version && { version }) },
      { take: 1 },
    );
    const row = page?.pinned[0];
    if (!page || !row) return notFound("benchmark with this method", `/api/v1/benchmarks/${slug}`);
    const { band, standing, tier, reproduced } = row;
    const of = page.resolution?.methods ?? page.of;
    const words = bandInWords(band, standing);
    const rank = words ? `${words} of ${of}, rank ${formatBand(band)}` : `one of ${of}, not ranked`;
    const svg = badge({
      label: `${page.benchmark.slug} v${page.benchmark.version}`,
      message: `${rank}, ${tiers.find((candidate) => candidate.tier === tier)?.label ?? `tier ${tier}`}${reproduced > 0 ? ", reproduced" : ""}`,
    });
    return new Response(svg, {
      headers: {
        "content-type": "image/svg+xml",
        "cache-control": sharedBriefly,
        "x-content-type-options": "nosniff",
        "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'",
      },
    });
  },
);

export const { POST, PUT, PATCH, DELETE, OPTIONS } = allowOnly("GET");
