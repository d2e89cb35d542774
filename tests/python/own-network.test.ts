/** dmbn.py on networks of PyTorch and a stand-in of Keras: each case of own_network.py and keras_recorder.py. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { beforeAll, describe, expect, it } from "vitest";
import { batchAt, replay } from "@/lib/dmbn";
import { decodeSafetensors } from "@/lib/records/safetensors";
import { scratch } from "../cli/command";
import { findPython, runPython } from "../support/python";

/** Runs the cases of a program as tests, named by the first line of each. */
function cases(subject: string, program: string, module: "numpy" | "torch") {
  const python = findPython(module);
  const path = fileURLToPath(new URL(program, import.meta.url));
  const named = [...readFileSync(path, "utf8").matchAll(/^def ([a-z]\w*)\(\):\n {4}"""(.+)"""$/gm)];
  describe.skipIf(!python)(`${subject}${python ? "" : ` (skipped: apt-get install python3-${module})`}`, () => {
    let outcomes: Record<string, string | null>;
    beforeAll(async () => {
      outcomes = await runPython(python!, ["-B", path], null);
      expect(Object.keys(outcomes)).toEqual(named.map(([, name]) => name));
    });
    for (const [, name, guarantee] of named)
      it(guarantee!, () => {
        expect(outcomes[name!] ?? "").toBe("");
      });
  });
}

cases("dmbn.py on a network of your own", "own_network.py", "torch");
cases("KerasRecorder on a stand-in of Keras", "keras_recorder.py", "numpy");

const saving = `
import json, sys
sys.path.insert(0, "public/python")
import torch, dmbn
torch.manual_seed(0)
model = torch.nn.Sequential(torch.nn.BatchNorm2d(3), torch.nn.Conv2d(3, 2, 1), torch.nn.BatchNorm2d(2))
with dmbn.Recorder(model) as recorder:
    for _ in range(12):
        model(torch.randn(4, 3, 2, 2) + 1)
recorder.save(json.load(sys.stdin))
schedule = dmbn.document_of({"kind": "schedule", "momentum": 0.7, "variance": "biased"})
print(json.dumps([dmbn.replay(recorder.trace(), layer, [schedule])[0].variance.tolist() for layer in range(2)]))
`;

const torch = findPython("torch");
it.skipIf(!torch)("a saved trace has a trajectory's tensors, and our own library replays it alike", async () => {
  const path = join(scratch(), "trace.safetensors");
  const theirs = await runPython<number[][]>(torch!, ["-B", "-c", saving], path);
  const { tensors, metadata } = decodeSafetensors(readFileSync(path));
  expect(JSON.parse(metadata.trace!)).toEqual({
    format: "dmbench-trace-1",
    layers: ["0", "2"],
    run: { batchSize: 4, steps: 12 },
  });
  const values = Object.fromEntries(tensors.map(({ name, values }) => [name, values]));
  expect(tensors.map(({ name, shape }) => [name, ...shape])).toEqual(
    [["0", 3] as const, ["2", 2] as const].flatMap(([layer, channels]) => [
      [`trace/${layer}.mean`, 12, channels],
      [`trace/${layer}.variance`, 12, channels],
      [`trace/${layer}.count`, 12],
    ]),
  );
  const trace = {
    steps: 12,
    layers: ["0", "2"].map((name, index) => ({
      name,
      channels: [3, 2][index]!,
      count: values[`trace/${name}.count`]![0]!,
      mean: values[`trace/${name}.mean`] as Float32Array,
      variance: values[`trace/${name}.variance`] as Float32Array,
    })),
  };
  expect(batchAt(trace.layers[0]!, 1).count).toBe(16);
  const ours = replay(trace, { momentum: () => 0.7, variance: "biased" });
  for (const [layer, { variance }] of ours.entries())
    for (const [c, value] of variance.entries()) expect(theirs[layer]![c]).toBeCloseTo(value, 12);
});
