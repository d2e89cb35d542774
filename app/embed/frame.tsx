/**
 * A frame that any site may show: a whole document with its style, without a script, a cookie or another file. Links
 * lead to the full pages, in a tab of their own.
 */
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { ReactNode } from "react";
import type { EmbedView } from "@/lib/leaderboard";
import { sharedBriefly } from "../api/caching";
import { revalidated, Tagged } from "../api/serialize";

/** next.config.js names these files, so that functions and containers have them. */
const read = (file: string): string =>
  readFileSync(join(/* turbopackIgnore: true */ process.cwd(), "app", file), "utf8");

/** The site's own tokens, tables and marks; Tailwind, which reads `@theme` elsewhere, is not needed here. */
const style = [
  read("_styles/tokens.css").replace(/@theme static \{\s*--\*: initial;/, ":root {"),
  read("_styles/table.css"),
  read("_styles/charts.css"),
  read("embed/embed.css"),
]
  .join("\n")
  .replace(/\/\*.*?\*\//gs, "")
  .replace(/\s+/g, " ");

/** Nothing but this style: it is named by its hash, so that all may share a cached frame. */
const contentSecurityPolicy = [
  "default-src 'none'",
  `style-src 'sha256-${createHash("sha256").update(style).digest("base64")}'`,
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors *",
].join("; ");

interface Frame {
  title: string;
  /** Path of the full page. */
  page: string;
  theme: EmbedView["theme"];
  /** Default: 200. */
  status?: 200 | 404;
  children: ReactNode;
}

export async function frame(request: Request, { title, page, theme, status = 200, children }: Frame) {
  const { renderToStaticMarkup } = await import("react-dom/server"); // Next forbids it where pages could import it
  const html = renderToStaticMarkup(
    <html lang="en" data-theme={theme === "auto" ? "system" : theme}>
      <head>
        <meta charSet="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="robots" content="noindex" />
        <title>{`${title} · DMBench`}</title>
        <link rel="canonical" href={page} />
        <style dangerouslySetInnerHTML={{ __html: style }} />
      </head>
      <body>{children}</body>
    </html>,
  );
  const headers = {
    "content-type": "text/html; charset=utf-8",
    "content-security-policy": contentSecurityPolicy,
    "cache-control": sharedBriefly,
  };
  const document = new Tagged(`<!doctype html>${html}`);
  return status === 200
    ? revalidated(request, document, headers)
    : new Response(document.bytes, { status, headers: { ...headers, "cache-control": "no-store" } });
}

/** A link out of the frame. */
export function Out({ href, children }: { href: string; children: ReactNode }) {
  return (
    <a href={href} target="_blank" rel="noopener">
      {children}
    </a>
  );
}

/** A frame of something that doesn't exist. */
export const missingFrame = (
  request: Request,
  { what, list, theme }: { what: string; list: { href: string; title: string }; theme: EmbedView["theme"] },
) =>
  frame(request, {
    title: "Not found",
    page: list.href,
    theme,
    status: 404,
    children: (
      <>
        <header>
          <h1>There is no such {what}</h1>
        </header>
        <main>
          <p>The address of this frame may be mistyped, or what it named was taken down.</p>
        </main>
        <footer>
          <Out href={list.href}>{list.title}</Out>
        </footer>
      </>
    ),
  });
