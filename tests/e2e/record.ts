/**
 * The data that every site of the browser tests starts with: the reference runs of a first start, recorded and scored
 * once, so that nothing computes in the background of the tests; and the account of the future maintainer. Builds the
 * site if necessary.
 */
import { cpSync, rmSync } from "node:fs";
import { setTimeout } from "node:timers/promises";
import type { ScoringQueue } from "@/lib/server/scoring/state";
import { signUp } from "../support/sign-in";
import { startSite } from "../support/site";
import { ownSites, placeOf } from "./places";

const { port, dataFolder } = placeOf("recording");
rmSync(dataFolder, { recursive: true, force: true });
console.log("Building the site where it has changed, and recording its reference runs …");
const site = await startSite(port, dataFolder, { DMBENCH_DUMPS: "none" }); // the dump of a day would lack what is recorded
process.once("SIGTERM", () => void site.kill().then(() => process.exit(1)));
await signUp(site.address, "keeper");
while (!(await recorded())) await setTimeout(500);
await site.stop();
for (const name of ["shared", ...ownSites] as const) {
  rmSync(placeOf(name).dataFolder, { recursive: true, force: true });
  cpSync(dataFolder, placeOf(name).dataFolder, { recursive: true });
}

/** Whether the queue is empty and the board ranks on held-out runs. */
async function recorded(): Promise<boolean> {
  const ask = async <Answer>(path: string) => (await (await fetch(`${site.address}/api/v1/${path}`)).json()) as Answer;
  const { boards } = await ask<{ boards: { state: string }[] }>("recording");
  if (boards.some(({ state }) => state !== "complete" && state !== "absent")) return false;
  const { waiting, running, failed } = await ask<ScoringQueue>("scoring");
  if (failed.length > 0) throw new Error(`recording: ${JSON.stringify(failed)}`);
  if (waiting + running > 0) return false; // to ask for a board would be a visit, for which recording stands back
  const { rows } = await ask<{ rows: { band: object | null }[] }>("benchmarks/digits-mlp?division=closed");
  return rows.length > 0 && rows.every(({ band }) => band);
}
