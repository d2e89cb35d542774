/** Where the sites of the browser tests are: each has its own port and data folder, so that they don't interfere. */
import { join } from "node:path";
import { fileURLToPath } from "node:url";

export const results = fileURLToPath(new URL("../../test-results", import.meta.url));
const firstPort = Number(process.env.DMBENCH_E2E_PORT ?? 3117);

/** Test files that publish on their board, restart their site, exhaust its limits, or serve it in their own way. */
export const ownSites = [
  "train",
  "api",
  "policies",
  "boards",
  "provider",
  "requests",
  "rendering",
  "processes",
  "bucket",
  "mirror",
] as const;

const sites = ["shared", ...ownSites, "recording"] as const;

/**
 * The place of the site that most tests share, of a test file's own site, or of the one that records for all of them.
 */
export const placeOf = (site: (typeof sites)[number]): { port: number; dataFolder: string } => ({
  port: firstPort + sites.indexOf(site),
  dataFolder: join(results, `data-of-${site}`),
});
