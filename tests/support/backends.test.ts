import { getBackend, matMul, tensor2d } from "@tensorflow/tfjs-core";
import { expect, it } from "vitest";
import { eachBackend } from "./backends";
import { expectClose } from "./golden";

eachBackend("a suite for each backend", (backend) => {
  it("runs on the backend in its title", async () => {
    expect(getBackend()).toBe(backend);
    const product = matMul(
      tensor2d([
        [1, 2],
        [3, 4],
      ]),
      tensor2d([
        [5, 6],
        [7, 8],
      ]),
    );
    await expectClose(product, { shape: [2, 2], data: [19, 22, 43, 50] });
  });
});

it("reports the worst number and its index", async () => {
  const near = expectClose([1, 2.5, 3, 4.1], { shape: [2, 2], data: [1, 2, 3, 4] }, { what: "mean" });
  await expect(near).rejects.toThrow(/mean: 2 of 4 .* at \[0,1\]: expected 2, got 2.5/);
  await expect(expectClose([NaN], [1])).rejects.toThrow(/got NaN/);
  await expect(expectClose([1, 2], [1])).rejects.toThrow(/length/);
  await expect(expectClose([], [1])).rejects.toThrow(/length/);
});
