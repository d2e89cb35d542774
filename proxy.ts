/**
 * Sets a strict content security policy on every page, with a new nonce for each response. Next puts the nonce on the
 * scripts that it writes.
 */
import type { NextRequest } from "next/server";
import { NextResponse } from "next/server";
import { env } from "@/lib/server/env";
import { siteOrigin } from "@/lib/server/site-origin";

export function proxy(request: NextRequest): NextResponse {
  const nonce = Buffer.from(crypto.getRandomValues(new Uint8Array(16))).toString("base64");
  const secure = siteOrigin(request.headers).startsWith("https:");
  const policy = contentSecurityPolicy(nonce, secure);
  const headers = new Headers(request.headers);
  headers.set("content-security-policy", policy);
  const response = NextResponse.next({ request: { headers } });
  response.headers.set("content-security-policy", policy);
  if (secure) response.headers.set("strict-transport-security", "max-age=31536000");
  return response;
}

function contentSecurityPolicy(nonce: string, secure: boolean): string {
  const development = process.env.NODE_ENV === "development";
  return [
    "default-src 'self'",
    // WebAssembly may be compiled, but strings not evaluated.
    `script-src 'self' 'nonce-${nonce}' 'strict-dynamic' 'wasm-unsafe-eval'${development ? " 'unsafe-eval'" : ""}`,
    // Style attributes only: charts and meters set their lengths there.
    `style-src 'self' ${development ? "'unsafe-inline'" : `'nonce-${nonce}'`}`,
    "style-src-attr 'unsafe-inline'",
    "img-src 'self' blob: data:",
    "worker-src 'self' blob:", // the WASM backend starts its threads from blobs
    `connect-src ${["'self'", ...downloadOrigins()].join(" ")}`,
    "object-src 'none'",
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
    ...(secure ? ["upgrade-insecure-requests"] : []),
  ].join("; ");
}

/** Where downloads are, besides the site: its bucket. */
function downloadOrigins(): string[] {
  const { DMBENCH_BUCKET } = env();
  return DMBENCH_BUCKET ? [new URL(DMBENCH_BUCKET).origin] : [];
}

export const config = {
  matcher: [
    {
      // Frames for other sites have a policy of their own: app/embed/frame.tsx.
      source:
        "/((?!api/|embed/(?:leaderboard|policies)/[^/]+$|_next/(?:static|image)|datasets/|trajectories/|.*\\.(?:svg|png|ico|txt|wasm|js|gz|safetensors)$).*)",
      // A prefetch runs under the policy of the page that makes it.
      missing: [
        { type: "header", key: "next-router-prefetch" },
        { type: "header", key: "purpose", value: "prefetch" },
      ],
    },
  ],
};
