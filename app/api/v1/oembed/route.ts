/** oEmbed 1.0 (oembed.com): the frame of a board or a policy, for programs that show links of others. */
import { z } from "zod";
import { embedHref, embedView, fitFrame, frameHtml } from "@/lib/leaderboard";
import { textSchema, wholeNumberSchema } from "@/lib/records";
import { findBenchmark } from "@/lib/server/boards/benchmarks";
import { policy as findPolicy } from "@/lib/server/policies/read";
import { siteOrigin } from "@/lib/server/site-origin";
import { endpoint } from "../../endpoint";
import { allowOnly } from "../../other-methods";
import { notFound, problem } from "../../problem";

const pixelsSchema = wholeNumberSchema(1, 100_000).optional();

export const GET = endpoint(
  {
    summary: "How to show a board or a policy within a page",
    detail:
      "oEmbed 1.0: the HTML of a frame for the address of a board or a policy on this site. Parameters that are not " +
      "listed are ignored, as consumers send some of their own.",
    tag: "boards",
    access: "anyone",
    query: z.object({
      url: textSchema({ max: 2000 }).describe("The address of the page, with this site's origin"),
      format: textSchema({ max: 16 }).default("json").describe("`json`; there is no other"),
      maxwidth: pixelsSchema,
      maxheight: pixelsSchema,
    }),
    json: z
      .object({
        version: z.literal("1.0"),
        type: z.literal("rich"),
        title: z.string(),
        provider_name: z.string(),
        provider_url: z.string(),
        html: z.string(),
        width: z.int(),
        height: z.int(),
      })
      .meta({ id: "OEmbed" }),
    answers: { 200: "The frame" },
    problems: { 404: "No board or policy of this site has this address", 501: "Another format than JSON" },
  },
  async ({ request, query: { url, format, maxwidth, maxheight } }) => {
    if (format !== "json")
      return problem({
        status: 501,
        kind: "format-not-implemented",
        title: "Not in this format",
        detail: `format: expected json, found ${format}. Ask for json, or leave format out.`,
      });
    const origin = siteOrigin(request.headers);
    const page = await pageAt(url, origin);
    if (!page) return notFound("board or policy at this address", "/leaderboard and /policies");
    const { rows, ...size } = fitFrame(maxwidth, maxheight);
    return {
      version: "1.0" as const,
      type: "rich" as const,
      title: page.title,
      provider_name: "DMBench",
      provider_url: origin,
      html: frameHtml({ address: origin + embedHref(page.path, { ...page.view, rows }), title: page.title, ...size }),
      ...size,
    };
  },
);

/** The board or policy whose page has this address; null if there is none. */
async function pageAt(url: string, origin: string) {
  const address = URL.canParse(url) ? new URL(url) : null;
  if (address?.host !== new URL(origin).host) return null;
  const [, kind, slug = ""] = /^\/(leaderboard|policies)\/([^/]+)\/?$/.exec(address.pathname) ?? [];
  if (kind === "leaderboard") {
    const { division, version } = embedView.read(Object.fromEntries(address.searchParams));
    const benchmark = await findBenchmark(slug, version);
    return (
      benchmark && {
        path: `/leaderboard/${benchmark.slug}`,
        title: `${benchmark.title}: leaderboard`,
        view: { division, version },
      }
    );
  }
  const details = kind === "policies" ? await findPolicy(slug) : null;
  return details && { path: `/policies/${encodeURIComponent(details.slug)}`, title: details.name, view: {} };
}

export const { POST, PUT, PATCH, DELETE, OPTIONS } = allowOnly("GET");
