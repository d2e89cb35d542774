/** Starts the site on an empty data folder, requests a page, and stops it: a smoke test for this version of Node. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { placeOf } from "../e2e/places";
import { startSite } from "./site";

const folder = mkdtempSync(join(tmpdir(), "dmbench-start-"));
const site = await startSite(placeOf("recording").port, folder);
const { status } = await fetch(`${site.address}/leaderboard/digits-mlp`);
await site.stop();
rmSync(folder, { recursive: true });
if (status !== 200) throw new Error(`expected the board's page, found status ${status}`);
console.log(`The site starts on Node ${process.version}.`);
