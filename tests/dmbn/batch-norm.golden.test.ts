import type { Tensor, Tensor1D } from "@tensorflow/tfjs-core";
import { dispose, grads, memory, mul, sum, unstack } from "@tensorflow/tfjs-core";
import { expect, it } from "vitest";
import { batchNorm, batchNormGradient, batchStatistics, groupNorm, groupNormGradient, normalize } from "@/lib/dmbn";
import { eachBackend } from "../support/backends";
import type { GoldenArray } from "../support/golden";
import { expectClose, golden, toTensor } from "../support/golden";
import "@tensorflow/tfjs-core/dist/register_all_gradients"; // after the core, whose flags it reads

interface NormCase {
  epsilon: number;
  x: GoldenArray;
  scale: GoldenArray;
  offset: GoldenArray;
  dy: GoldenArray;
  y: GoldenArray;
  dx: GoldenArray;
  dscale: GoldenArray;
  doffset: GoldenArray;
}

interface BatchNormCase extends NormCase {
  mean: GoldenArray;
  varianceBiased: GoldenArray;
}

interface BatchFreeCase extends NormCase {
  kind: "layer-norm" | "group-norm";
  groups?: number;
}

/** Means near 1000 cost float32 three digits. */
const tolerance = (x: GoldenArray) => ({ relative: Math.abs(x.data[0]!) > 500 ? 1e-3 : 1e-4 });

eachBackend("batch norm against PyTorch in float64", () => {
  golden<{ cases: BatchNormCase[] }>("batch-norm").cases.forEach((example, index) => {
    const label = `case ${index}, [${example.x.shape}], first value ${example.x.data[0]!.toPrecision(3)}`;

    it(`computes y, statistics and gradients: ${label}`, async () => {
      const before = memory().numTensors;
      const [x, scale, offset, dy] = [example.x, example.scale, example.offset, example.dy].map((array) =>
        toTensor(array),
      ) as [Tensor, Tensor1D, Tensor1D, Tensor];
      const { epsilon } = example;
      const close = tolerance(example.x);
      const statistics = batchStatistics(x);
      const [mean, variance] = unstack(statistics) as [Tensor, Tensor];
      await expectClose(mean, example.mean, { ...close, what: "mean" });
      await expectClose(variance, example.varianceBiased, { ...close, what: "variance" });
      const y = normalize(x, statistics, scale, offset, { epsilon });
      await expectClose(y, example.y, { ...close, what: "y" });
      const { dx, dscale, doffset } = batchNormGradient(dy, { x, y, statistics, scale, offset }, { epsilon });
      await expectClose(dx, example.dx, { ...close, what: "dx" });
      await expectClose(dscale, example.dscale, { ...close, what: "dscale" });
      await expectClose(doffset, example.doffset, { ...close, what: "doffset" });
      dispose([x, scale, offset, dy, y, dx, dscale, doffset, statistics, mean, variance]);
      expect(memory().numTensors).toBe(before);
    });

    it(`is differentiated correctly by TensorFlow.js: ${label}`, async () => {
      const [x, scale, offset, dy] = [example.x, example.scale, example.offset, example.dy].map((array) =>
        toTensor(array),
      ) as [Tensor, Tensor, Tensor, Tensor];
      const gradient = grads((x: Tensor, scale: Tensor, offset: Tensor) =>
        sum(mul(batchNorm(x, scale, offset, { epsilon: example.epsilon }), dy)),
      );
      const [dx, dscale, doffset] = gradient([x, scale, offset]) as [Tensor, Tensor, Tensor];
      const close = tolerance(example.x);
      await expectClose(dx, example.dx, { ...close, what: "dx" });
      await expectClose(dscale, example.dscale, { ...close, what: "dscale" });
      await expectClose(doffset, example.doffset, { ...close, what: "doffset" });
    });
  });
});

eachBackend("batch-free norm against PyTorch in float64", () => {
  golden<{ cases: BatchFreeCase[] }>("batch-free-norm").cases.forEach((example, index) => {
    it(`computes y and gradients: ${example.kind}, case ${index}, [${example.x.shape}]`, async () => {
      const [x, scale, offset, dy] = [example.x, example.scale, example.offset, example.dy].map((array) =>
        toTensor(array),
      ) as [Tensor, Tensor, Tensor, Tensor];
      const options = { groups: example.groups ?? 1, epsilon: example.epsilon };
      const output = groupNorm(x, scale, offset, options);
      await expectClose(output.y, example.y, { what: "y" });
      const { dx, dscale, doffset } = groupNormGradient(dy, { x, output, scale }, options);
      await expectClose(dx, example.dx, { what: "dx" });
      await expectClose(dscale, example.dscale, { what: "dscale" });
      await expectClose(doffset, example.doffset, { what: "doffset" });
    });
  });
});
