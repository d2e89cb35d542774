/**
 * Where the sites of the browser tests are: each has a port and a data folder of its own, so that none is in another's
 * way.
 */
import { join } from "node:path";
import { fileURLToPath } from "node:url";

export const results = fileURLToPath(new URL("../../test-results", import.meta.url));
const firstPort = Number(process.env.DMBENCH_E2E_PORT ?? 3117);

/** Files of tests that publish on their board, restart their site, or use up what it allows. */
export const ownSites = ["train", "api", "policies", "boards"] as const;

const sites = ["shared", ...ownSites, "recording"] as const;

/** Of the site that most tests share, of a file's own, and of the one that records for all of them. */
export const placeOf = (site: (typeof sites)[number]): { port: number; dataFolder: string } => ({
  port: firstPort + sites.indexOf(site),
  dataFolder: join(results, `data-of-${site}`),
});
