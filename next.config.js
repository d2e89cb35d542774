import { execFileSync } from "node:child_process";
import { PHASE_PRODUCTION_BUILD } from "next/constants.js";

/** The commit that is built, for /api/v1/health; empty where git or its folder is not at hand. */
function commit() {
  const named = process.env.DMBENCH_COMMIT || process.env.VERCEL_GIT_COMMIT_SHA;
  if (named) return named;
  try {
    return execFileSync("git", ["rev-parse", "HEAD"], { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }).trim();
  } catch {
    return "";
  }
}

/** @type {(phase: string) => import("next").NextConfig} */
const config = (phase) => ({
  env: { DMBENCH_COMMIT: commit() },
  // `npm start` serves the same build, without that folder, and Vercel makes functions of it.
  ...(phase === PHASE_PRODUCTION_BUILD && !process.env.VERCEL && { output: "standalone" }),
  outputFileTracingRoot: import.meta.dirname,
  images: { unoptimized: true },
  experimental: { preloadEntriesOnStart: false }, // a function that has just started is waited for, and needs few of them
  // No picture is resized, and a release imports runs and results.
  outputFileTracingExcludes: {
    "**": [
      "node_modules/{@img,sharp}/**",
      "public/{results,trajectories}/**",
      "tests/**",
      "test-results/**",
      ".data/**",
    ],
  },
  poweredByHeader: false,
  // `npm run check` checks the types; starting the site doesn't have to.
  typescript: { ignoreBuildErrors: true },
  serverExternalPackages: ["@prisma/schema-engine-wasm"], // looks for its .wasm file in its own folder
  // Read at run time.
  outputFileTracingIncludes: {
    "/**": ["./public/datasets/**"],
    "/api/v1/{policies,ready,score,work}": ["./lib/server/dist/**"],
    "/policies/new": ["./lib/server/dist/**"],
    "/choose": ["./public/map/map.json"],
    "/study": ["./public/studies/*/study.json"],
    "/study/{[regime],our-policy}": ["./public/studies/*/study.json"],
    "/docs/{python,markdown/**}": ["./public/python/*"],
    "/embed/**": ["./app/_styles/{tokens,table,charts}.css", "./app/embed/embed.css"],
    "/api/v1/ready": ["./prisma/migrations/**"],
  },
  rewrites: async () => [
    // Where readiness was asked for before there was /api/v1/ready.
    { source: "/api/health", destination: "/api/v1/ready" },
    { source: "/docs/:page(.+).md", destination: "/docs/markdown/:page" },
  ],
  async headers() {
    return [
      {
        source: "/:path*",
        headers: [
          // Cross-origin isolation: WASM threads need SharedArrayBuffer.
          { key: "Cross-Origin-Opener-Policy", value: "same-origin" },
          { key: "Cross-Origin-Embedder-Policy", value: "credentialless" },
          { key: "X-Content-Type-Options", value: "nosniff" },
          { key: "Referrer-Policy", value: "strict-origin-when-cross-origin" },
          { key: "Permissions-Policy", value: "camera=(), microphone=(), geolocation=(), payment=(), usb=()" },
        ],
      },
      // Frames of boards and policies may be shown by any site, other pages by none.
      {
        source: "/((?!embed/(?:leaderboard|policies)/[^/]+$).*)",
        headers: [{ key: "X-Frame-Options", value: "DENY" }],
      },
      { source: "/embed/:path*", headers: [{ key: "Cross-Origin-Resource-Policy", value: "cross-origin" }] },
      // Pages of other sites may read the API and the published files. No cookie comes along: `*` forbids it.
      ...["/api/v1/:path*", "/:folder(datasets|map|python|results|studies|trajectories)/:path*"].map((source) => ({
        source,
        headers: [
          { key: "Access-Control-Allow-Origin", value: "*" },
          { key: "Access-Control-Expose-Headers", value: "ETag, Link, Location, Retry-After" },
          { key: "Cross-Origin-Resource-Policy", value: "cross-origin" },
        ],
      })),
      // Recorded runs that never change: another one gets a name of its own.
      {
        source: "/trajectories/:board/:run.safetensors",
        headers: [{ key: "Cache-Control", value: "public, max-age=31536000, immutable" }],
      },
      // Pages get their policy from proxy.ts. A response of the API never runs anything.
      {
        source: "/api/:path*",
        headers: [
          {
            key: "Content-Security-Policy",
            value: "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
          },
        ],
      },
    ];
  },
});

export default config;
