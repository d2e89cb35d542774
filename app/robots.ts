/** /robots.txt: every page once, without the views of boards, which are the same rows in another order. */
import type { MetadataRoute } from "next";
import { headers } from "next/headers";
import { siteOrigin } from "@/lib/server/site-origin";

export default async function robots(): Promise<MetadataRoute.Robots> {
  return {
    rules: {
      userAgent: "*",
      allow: ["/", "/leaderboard/*/opengraph-image", "/api/v1/benchmarks/*/badge.svg"],
      disallow: [
        "/leaderboard?",
        "/leaderboard/*?",
        "/compare?",
        "/bench?",
        "/log?",
        "/api/",
        "/settings",
        "/signin",
        "/moderation",
        "/policies/new",
      ],
    },
    sitemap: `${siteOrigin(await headers())}/sitemap.xml`,
  };
}
