/** Training has the same bits in a browser, with its threads, as in Node on one thread: audits rest on it. */
import { execFileSync } from "node:child_process";
import { expect, test } from "@playwright/test";
import type { Recipe } from "@/lib/records";
import { stored } from "./stored";

test.setTimeout(240_000);

const flagOf = (field: string) => `--${field.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;

/** The record that the command prints for a recipe, on one thread. */
function trainedInNode(recipe: Recipe, variant: string, policies: string) {
  const flags = Object.entries({ ...recipe, variant, policies, seed: 1, backend: "wasm", threads: 1 }).flatMap(
    ([field, value]) =>
      field === "augment"
        ? value
          ? ["--augment"]
          : ["--no-augment"]
        : value === null
          ? []
          : [flagOf(field), `${value}`],
  );
  return JSON.parse(
    execFileSync(process.execPath, ["--import", "tsx", "lib/cli/main.ts", "train", ...flags, "--json"], {
      encoding: "utf8",
      maxBuffer: 2 ** 28,
    }),
  );
}

for (const [model, variant] of [
  ["mlp", "bn-bfn"],
  ["cnn", "bn"],
  ["resnet-50", "bn"],
] as const) {
  test(`${model}: every loss, shift and figure is the same in the browser and in Node`, async ({ page }) => {
    const policies = "pytorch-default,dmbn";
    const width = model === "resnet-50" ? "&width=0.0625" : "";
    await page.goto(
      `/train?benchmark=own&model=${model}${width}&maxSteps=24&variants=${variant}&policies=${policies}&seed=1&backend=wasm`,
    );
    await page.getByRole("button", { name: "Train", exact: true }).click();
    await expect(page.getByRole("heading", { name: /^\d+ methods? on/ })).toBeVisible({ timeout: 200_000 });
    await expect.poll(() => stored(page, "unpublished-runs")).not.toBeNull();
    const inBrowser = (await stored(page, "unpublished-runs"))!.record!;
    const { recipe, backend } = inBrowser.manifest as { recipe: Recipe; backend: { name: string; threads: number } };
    expect(backend.name).toBe("wasm");
    const inNode = trainedInNode(recipe, variant, policies);
    const losses = ({ curves }: { curves: { loss: unknown } }) => curves.loss;
    expect(losses(inBrowser as never)).toEqual(losses(inNode));
    expect(inBrowser.scores).toEqual(inNode.scores);
  });
}
