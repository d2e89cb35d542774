/**
 * What audits and checks of weights say of honest runs: trains in Chromium, publishes, waits for the server, and counts.
 * A separate program, against a site of its own: `tsx tests/bench/honest-audits.ts BACKEND BOARD=TRAININGS …`, one line for
 * each board. A training is two runs, one in each variant.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { chromium } from "@playwright/test";
import { chromiumFlags, findChromium } from "../support/chromium";
import { signInBrowser, signUp } from "../support/sign-in";
import { startSite } from "../support/site";

interface Run {
  id: string;
  audit: { outcome: string; differing: number; predictions: number } | null;
  weights: Run["audit"];
  ranks: boolean;
}

const [backend, ...boards] = process.argv.slice(2);
const folder = mkdtempSync(join(tmpdir(), "dmbench-honest-"));
const { DMBENCH_DATASETS_DIR: datasets } = process.env;
const site = await startSite(Number(process.env.PORT ?? 5790), folder, {
  DMBENCH_RECORD: "none",
  DMBENCH_AUDIT_SECONDS: "100000",
  ...(datasets && { DMBENCH_DATASETS_DIR: datasets }),
});
const found = await findChromium();
const browser = await chromium.launch({ ...(found && { executablePath: found.program }), args: chromiumFlags });
try {
  const page = await browser.newPage();
  await signUp(site.address, "honest");
  await signInBrowser(page.request, "honest", site.address);
  for (const [board, trainings] of boards.map((text) => text.split("=") as [string, string])) {
    const published: string[] = [];
    for (let training = 0; training < Number(trainings); training += 1) {
      await page.goto(`${site.address}/train?benchmark=${board}&backend=${backend}`);
      await page.getByRole("button", { name: "Train", exact: true }).click();
      await page.getByRole("button", { name: "Publish 2 runs as honest" }).click({ timeout: 1_800_000 });
      await page.getByRole("heading", { name: "Published" }).waitFor();
      const links = page.getByRole("listitem").getByRole("link", { name: /, seed \d+$/ });
      for (const link of await links.all()) published.push((await link.getAttribute("href"))!.split("/").at(-1)!);
    }
    const runs: Run[] = [];
    for (const id of new Set(published)) {
      for (;;) {
        const run = (await (await page.request.get(`${site.address}/api/v1/runs/${id}`)).json()) as Run;
        const flagged = published.length > 4 && !run.audit; // of convolutions only some are audited
        const waits = run.weights?.outcome === null;
        if (!waits && (run.audit || (flagged && board.includes("cnn")))) {
          runs.push(run);
          break;
        }
        await sleep(1000);
      }
    }
    const tally = (results: Run["audit"][]) => {
      const known = results.filter((result) => result !== null);
      const outcomes = [...new Set(known.map(({ outcome }) => outcome))].map(
        (outcome) => `${known.filter((result) => result.outcome === outcome).length} ${outcome}`,
      );
      const sum = (of: "differing" | "predictions") => known.reduce((total, result) => total + (result[of] ?? 0), 0);
      return `${outcomes.join(", ") || "none"}; ${sum("differing")} of ${sum("predictions")} predictions differ`;
    };
    console.log(
      `${backend} ${board}: ${runs.length} runs, ${runs.filter(({ ranks }) => !ranks).length} refused; ` +
        `audits: ${tally(runs.map(({ audit }) => audit))}; weights: ${tally(runs.map(({ weights }) => weights))}`,
    );
  }
} finally {
  await browser.close();
  await site.stop();
  rmSync(folder, { recursive: true });
}
