/**
 * How the tests in Node run: everything in tests/ that is named `*.test.ts`.
 * What needs a browser lives in tests/e2e and runs under Playwright.
 */
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

const root = fileURLToPath(new URL("..", import.meta.url));

export default defineConfig({
  root,
  resolve: {
    alias: [
      { find: /^@\//, replacement: root },
      // Outside a React server `server-only` throws on import: take what Next gives a server.
      { find: /^server-only$/, replacement: join(root, "node_modules/server-only/empty.js") },
    ],
  },
  test: {
    environment: "node",
    include: ["tests/**/*.test.ts"],
    exclude: ["tests/e2e/**"],
    // A process for each file: a GPU device or a WASM heap of one file can't reach into another.
    pool: "forks",
    // Generous, for a busy machine with two cores; a test that needs more says so itself.
    testTimeout: 30_000,
    hookTimeout: 120_000,
  },
});
