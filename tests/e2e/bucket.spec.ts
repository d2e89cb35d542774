/** A site whose artifacts are in a bucket, as its visitors meet it: its pages read there, under their own policy. */
import { existsSync, rmSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "@playwright/test";
import { aSubmission } from "../leaderboard/a-submission";
import { digits } from "../support/digits";
import type { S3Server } from "../support/s3";
import { startS3 } from "../support/s3";
import { signIn, signUp } from "../support/sign-in";
import type { Site } from "../support/site";
import { startSite } from "../support/site";
import { placeOf } from "./places";

const { port, dataFolder } = placeOf("bucket");
test.setTimeout(600_000); // starts the site twice, on a machine that may be busy

let site: Site | undefined;
let s3: S3Server;
test.beforeAll(async () => {
  rmSync(dataFolder, { recursive: true, force: true });
  s3 = await startS3();
});
test.afterAll(async () => {
  await site?.kill();
  await s3.stop();
});

test("moves the files of earlier starts into the bucket, where pages and programs then read them", async ({ page }) => {
  site = await startSite(port, dataFolder, { DMBENCH_RECORD: "none" });
  const { address } = site;
  await signUp(address, "ada");
  const headers = { cookie: await signIn(address, "ada"), origin: address, "content-type": "application/json" };
  const { info, hash, subset, test: tested } = await digits();
  const { slug, version, classes } = info;
  const dataset = { slug, version, subset, hash, classes: classes.length, testLabels: tested.labels };
  const publish = async (seed: number): Promise<string> => {
    const body = JSON.stringify(aSubmission({ dataset, seed, wrongEvery: [5 + seed, 3 + seed] }));
    const answer = await fetch(`${address}/api/v1/runs`, { method: "POST", headers, body });
    expect(answer.status).toBe(201);
    return ((await answer.json()) as { id: string }).id;
  };
  const before = await publish(1);
  expect(existsSync(join(dataFolder, "artifacts/predictions"))).toBe(true);
  await site.stop();

  site = await startSite(port, dataFolder, {
    DMBENCH_RECORD: "none",
    DMBENCH_BUCKET: s3.url,
    AWS_ACCESS_KEY_ID: "key",
    AWS_SECRET_ACCESS_KEY: "secret",
    AWS_REGION: "eu-test-1",
  });
  expect(site.printed()).toMatch(/Artifacts: moved \d+ files of .* into the bucket/);
  expect(site.printed()).not.toContain("CORS");
  const after = await publish(2);
  expect(existsSync(join(dataFolder, "artifacts"))).toBe(false);

  const errors: string[] = [];
  page.on("console", (message) => message.type() === "error" && errors.push(message.text()));
  for (const id of [before, after]) {
    await page.goto(`${address}/runs/${id}`);
    const { predictions } = (await (await fetch(`${address}/api/v1/runs/${id}`)).json()) as {
      predictions: { sha256: string };
    };
    const link = `/api/v1/runs/${id}/predictions`;
    const read = await page.evaluate(async (url) => {
      const response = await fetch(url);
      const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", await response.arrayBuffer()));
      return {
        from: new URL(response.url).origin,
        sha256: digest.reduce((text, byte) => text + byte.toString(16).padStart(2, "0"), ""),
      };
    }, link);
    expect(read).toEqual({ from: new URL(s3.url).origin, sha256: predictions.sha256 });
    const download = page.waitForEvent("download");
    await page.locator(`a[href="${link}"]`).first().click();
    expect((await download).url()).toContain(s3.url);
  }
  expect(errors).toEqual([]);
});
