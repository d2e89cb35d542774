/** /sitemap.xml: the site's own pages, every board, the study, and the policies of the list. */
import type { MetadataRoute } from "next";
import { headers } from "next/headers";
import { listBenchmarks } from "@/lib/server/boards/benchmarks";
import { listPolicies } from "@/lib/server/policies/read";
import { siteOrigin } from "@/lib/server/site-origin";
import { publishedStudy } from "@/lib/server/study";

const pages = [
  "/",
  "/leaderboard",
  "/leaderboard/overview",
  "/policies",
  "/compare",
  "/choose",
  "/study",
  "/study/our-policy",
  "/train",
  "/contribute",
  "/bench",
  "/external",
  "/log",
  "/status",
  "/docs",
  "/docs/method",
  "/docs/policies",
  "/docs/command",
  "/docs/python",
  "/docs/api",
  "/docs/running",
  "/docs/running/containers",
  "/docs/running/functions",
  "/docs/running/cdn",
];

export default async function sitemap(): Promise<MetadataRoute.Sitemap> {
  const [requested, boards, policies, study] = await Promise.all([
    headers(),
    listBenchmarks(),
    listPolicies(),
    publishedStudy(),
  ]);
  const origin = siteOrigin(requested);
  return [
    ...pages.map((path) => ({ url: `${origin}${path}` })),
    ...boards.map(({ slug, latestRunAt }) => ({
      url: `${origin}/leaderboard/${slug}`,
      ...(latestRunAt && { lastModified: latestRunAt }),
    })),
    ...study.summary.regimes.map(({ regime }) => ({ url: `${origin}/study/${encodeURIComponent(regime)}` })),
    ...policies.map(({ slug, createdAt }) => ({
      url: `${origin}/policies/${encodeURIComponent(slug)}`,
      lastModified: createdAt,
    })),
  ];
}
