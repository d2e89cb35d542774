import { expect, test } from "@playwright/test";
import { build } from "esbuild";
import { digests } from "../dmbn/bits";

test("a momentum has the same bits in the browser as in Node", async ({ page }) => {
  const { outputFiles } = await build({
    entryPoints: ["tests/dmbn/bits.ts"],
    bundle: true,
    write: false,
    format: "iife",
    globalName: "bits",
  });
  await page.goto("about:blank");
  await page.addScriptTag({ content: outputFiles[0]!.text });
  const inBrowser = await page.evaluate("bits.digests().ours");
  expect(inBrowser).toEqual(digests().ours);
});
