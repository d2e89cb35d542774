import { expect, it } from "vitest";
import { unknownName } from "@/lib/cli/names";
import { policiesNamed } from "@/lib/cli/policies";
import { benchmarkOf, recipeFor } from "@/lib/cli/recipes";
import { duration } from "@/lib/cli/terminal";
import { builtInPolicies } from "@/lib/dmbn/policy";
import { benchmarks } from "@/lib/leaderboard";
import { dmbench } from "./command";

it.each([
  [
    ["train", "--dataset", "fashon-mnist"],
    /unknown data set "fashon-mnist"\. Did you mean fashion-mnist\? Valid: digits, mnist, fashion-mnist, cifar-10/,
  ],
  [["train", "--model", "resnet50"], /Did you mean resnet-50\? Valid: mlp, mlp-deep, cnn, resnet-50/],
  [["train", "--variant", "xyz"], /unknown variant "xyz"\. Valid: bn, bn-bfn/],
  [["train", "--benchmark", "digit-mlp"], /Did you mean digits-mlp\?/],
  [["train", "--backend", "webgl"], /Did you mean webgpu\? Valid: auto, webgpu, wasm, cpu/],
  [["train", "--policies", "pytorch-defualt"], /Did you mean pytorch-default\?/],
  [["train", "--policies", "1 - 1/"], /neither a published policy nor an expression of β/],
  [["train", "--policies", "dmbn,dmbn"], /names dmbn twice/],
  [["train", "--policies", "no-such.json"], /no-such\.json can't be read: there is no such file\./],
  [["train", "--policies", "lib.json/"], /neither a published policy nor an expression/],
  [["train", "--policies", "package.json"], /"package\.json" is no policy document: kind: expected/],
  [["train", "--policies", ""], /unknown policy ""/],
  [["train", "--policies", "1.5"], /found 1\.5 at step 1 of layer 0/],
  [["train", "--policies", "step/100"], /found 1\.01 at step 101 of layer 0/],
  [["train", "--epochs", "0"], /'--epochs <n>' argument '0' is invalid\. Expected at least 1\./],
  [["train", "--epochs", "many"], /argument 'many' is invalid/],
  [["train", "--learning-rate", "-1"], /argument '-1' is invalid\. Expected more than 0\./],
  [["train", "--seed", "9007199254740992"], /Expected at most 9007199254740991\./],
  [["train", "--seed", "0x10"], /argument '0x10' is invalid\. Expected a decimal number\./],
  [["train", "--learning-rate", "1e-400"], /argument '1e-400' is invalid/],
  [["trajectory", "--benchmark", "digits-mlp", "--seeds", "0,0x1"], /expected whole numbers/],
  [["board", "digits-mlp", "--take", "abc"], /'--take <n>' argument 'abc' is invalid/],
  [["train", "--batch-size", "2000"], /batchSize must be at most the 1042 training examples of digits, got 2000/],
  [["train", "--calibration-size", "1442"], /calibrationSize \+ validationSize: expected less than the 1442/],
  [["train", "--epoch", "3"], /unknown option '--epoch'[\s\S]*Did you mean --epochs/],
  [["trian"], /unknown command 'trian'[\s\S]*Did you mean train/],
  [["datasets", "verify", "minst"], /unknown data set "minst"\. Did you mean mnist\?/],
  [
    ["study", "--suite", "laptp"],
    /Did you mean laptop\? Valid: smoke, laptop, dissertation, protocols, our-policy, paper/,
  ],
  [
    ["study", "--suite", "smoke", "--models", "cnn"],
    /suite smoke has nothing of the data sets and models asked for\. It has: digits × mlp/,
  ],
])("refuses %j with exit code 2, and says what would be right", async (argv, message) => {
  const { code, out, err } = await dmbench(argv);
  expect(err).toMatch(message);
  expect({ code, out }).toEqual({ code: 2, out: "" });
});

it.each([["train"], ["study"], ["datasets"]])("explains %s with examples, exit code 0", async (command) => {
  const { code, out } = await dmbench([command, "--help"]);
  expect(code).toBe(0);
  expect(out).toMatch(new RegExp(`Examples:\\n.*npm run -s dmbench -- ${command}`));
});

it("lists the data sets, digits embedded", async () => {
  const { code, out } = await dmbench(["datasets", "list", "--json"]);
  expect(code).toBe(0);
  expect(
    (JSON.parse(out) as { slug: string; source: string | null }[]).find(({ slug }) => slug === "digits")?.source,
  ).toBe("embedded");
});

it("suggests the nearest name only if it is close", () => {
  // 2 of 3 letters differ
  expect(unknownName("model", "mpl", ["mlp", "cnn"])).toBe('unknown model "mpl". Valid: mlp, cnn.');
  expect(unknownName("model", "mlpp", ["mlp", "cnn"])).toBe('unknown model "mlpp". Did you mean mlp? Valid: mlp, cnn.');
});

it("reads policies: all, published names, expressions that contain commas, a published rule by its value", async () => {
  expect((await policiesNamed("all")).length).toBe(builtInPolicies.length);
  const [dmbn, warmUp, published] = await policiesNamed("dmbn, min(0.99, (1 + step) / (10 + step)), 0.9");
  expect(dmbn!.slug).toBe("dmbn");
  expect(warmUp).toMatchObject({ slug: expect.stringMatching(/^custom-[0-9a-f]{8}$/), document: { kind: "schedule" } });
  expect(published!.slug).toBe("pytorch-default");
});

it("uses the benchmark's recipe, lets flags override it, names the benchmark only for its own recipe", () => {
  for (const benchmark of benchmarks)
    expect(benchmarkOf(recipeFor(benchmark, {}))).toEqual({ slug: benchmark.slug, version: benchmark.version });
  const changed = recipeFor(undefined, { dataset: "mnist", epochs: 1 });
  expect(changed).toEqual({ ...benchmarks.find(({ slug }) => slug === "mnist-mlp")!.recipe, epochs: 1 });
  expect(benchmarkOf(changed)).toBeNull();
  expect(recipeFor(undefined, { dataset: "mnist", model: "resnet-50" })).toMatchObject({
    dataset: "mnist",
    model: "resnet-50",
    calibrationSize: 1000,
  });
});

it("prints durations in the two largest units", () => {
  expect([0.4, 59.6, 185, 7800].map(duration)).toEqual(["0 s", "1 min 0 s", "3 min 5 s", "2 h 10 min"]);
});
