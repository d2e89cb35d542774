/**
 * Norms over typed arrays, in as few passes as the mathematics allows, with
 * float64 sums: two passes for the statistics, one to normalize, two for the
 * gradient. Row-major `[rows, channels]`.
 */
import { BATCH_STATISTICS, GROUP_NORM, GROUP_NORM_GRADIENT, NORMALIZE, NORMALIZE_GRADIENT } from "@/lib/dmbn/kernels";
import type { HostKernels } from "./memory";

interface NormAttributes {
  epsilon: number;
  relu: boolean;
  residual: boolean;
  groups: number;
}

export const normKernels: HostKernels<NormAttributes> = {
  [BATCH_STATISTICS]({ x }, _attributes, memory) {
    const [rows, channels] = x!.shape as [number, number];
    const statistics = memory.allocate([2, channels]);
    const [values, result] = [x!, statistics].map(memory.floats) as [Float32Array, Float32Array];
    const sums = new Float64Array(channels);
    for (let row = 0, at = 0; row < rows; row++) for (let c = 0; c < channels; c++) sums[c]! += values[at++]!;
    for (let c = 0; c < channels; c++) sums[c]! /= rows;
    result.set(sums);
    const squares = new Float64Array(channels);
    for (let row = 0, at = 0; row < rows; row++) {
      for (let c = 0; c < channels; c++) {
        const deviation = values[at++]! - sums[c]!;
        squares[c]! += deviation * deviation;
      }
    }
    for (let c = 0; c < channels; c++) result[channels + c] = squares[c]! / rows;
    return [statistics];
  },

  [NORMALIZE]({ x, statistics, scale, offset, residual }, { epsilon, relu }, memory) {
    const [rows, channels] = x!.shape as [number, number];
    const output = memory.allocate([rows, channels]);
    const [values, y, m, s, o] = [x!, output, statistics!, scale!, offset!].map(memory.floats) as Float32Array[];
    const added = residual && memory.floats(residual);
    const factor = new Float64Array(channels);
    for (let c = 0; c < channels; c++) factor[c] = s![c]! / Math.sqrt(m![channels + c]! + epsilon);
    for (let row = 0, at = 0; row < rows; row++) {
      for (let c = 0; c < channels; c++, at++) {
        let value = (values![at]! - m![c]!) * factor[c]! + o![c]!;
        if (added) value += added[at]!;
        y![at] = relu && value < 0 ? 0 : value;
      }
    }
    return [output];
  },

  [NORMALIZE_GRADIENT]({ dy, x, y, statistics, scale }, { epsilon, relu, residual }, memory) {
    const [rows, channels] = x!.shape as [number, number];
    const outputs = [memory.allocate([rows, channels]), memory.allocate([channels]), memory.allocate([channels])];
    if (residual) outputs.push(memory.allocate([rows, channels]));
    const [g, values, out, m, s] = [dy!, x!, y!, statistics!, scale!].map(memory.floats) as Float32Array[];
    const [dx, dscale, doffset, dresidual] = outputs.map(memory.floats) as Float32Array[];
    const inverseStd = new Float64Array(channels);
    for (let c = 0; c < channels; c++) inverseStd[c] = 1 / Math.sqrt(m![channels + c]! + epsilon);
    const offsets = new Float64Array(channels);
    const scales = new Float64Array(channels);
    // Until the second pass, dx holds the gradient of the rectifier's input.
    for (let row = 0, at = 0; row < rows; row++) {
      for (let c = 0; c < channels; c++, at++) {
        const passed = relu && !(out![at]! > 0) ? 0 : g![at]!;
        dx![at] = passed;
        offsets[c]! += passed;
        scales[c]! += passed * (values![at]! - m![c]!) * inverseStd[c]!;
      }
    }
    dresidual?.set(dx!);
    const factor = new Float64Array(channels);
    for (let c = 0; c < channels; c++) {
      factor[c] = s![c]! * inverseStd[c]!;
      dscale![c] = scales[c]!;
      doffset![c] = offsets[c]!;
      offsets[c]! /= rows;
      scales[c]! *= inverseStd[c]! / rows;
    }
    for (let row = 0, at = 0; row < rows; row++) {
      for (let c = 0; c < channels; c++, at++) {
        dx![at] = factor[c]! * (dx![at]! - offsets[c]! - (values![at]! - m![c]!) * scales[c]!);
      }
    }
    return outputs;
  },

  [GROUP_NORM]({ x, scale, offset, residual }, { groups, epsilon, relu }, memory) {
    const [batch, positions, channels] = x!.shape as [number, number, number];
    const outputs = [memory.allocate([batch, positions, channels]), memory.allocate([2, batch, groups])];
    const [values, s, o] = [x!, scale!, offset!].map(memory.floats) as Float32Array[];
    const [y, statistics] = outputs.map(memory.floats) as Float32Array[];
    const added = residual && memory.floats(residual);
    const size = channels / groups;
    forEachGroup(batch, groups, (n, group) => {
      let sum = 0;
      for (let p = 0; p < positions; p++) {
        for (let c = group * size, at = (n * positions + p) * channels + c; c < (group + 1) * size; c++, at++)
          sum += values![at]!;
      }
      const centre = sum / (positions * size);
      let squares = 0;
      for (let p = 0; p < positions; p++) {
        for (let c = group * size, at = (n * positions + p) * channels + c; c < (group + 1) * size; c++, at++)
          squares += (values![at]! - centre) ** 2;
      }
      const spread = squares / (positions * size);
      const inverseStd = 1 / Math.sqrt(spread + epsilon);
      statistics![n * groups + group] = centre;
      statistics![(batch + n) * groups + group] = spread;
      for (let p = 0; p < positions; p++) {
        for (let c = group * size, at = (n * positions + p) * channels + c; c < (group + 1) * size; c++, at++) {
          let value = (values![at]! - centre) * inverseStd * s![c]! + o![c]!;
          if (added) value += added[at]!;
          y![at] = relu && value < 0 ? 0 : value;
        }
      }
    });
    return outputs;
  },

  [GROUP_NORM_GRADIENT]({ dy, x, y, statistics, scale }, { groups, epsilon, relu, residual }, memory) {
    const [batch, positions, channels] = x!.shape as [number, number, number];
    const outputs = [
      memory.allocate([batch, positions, channels]),
      memory.allocate([channels]),
      memory.allocate([channels]),
    ];
    if (residual) outputs.push(memory.allocate([batch, positions, channels]));
    const [g, values, out, m, s] = [dy!, x!, y!, statistics!, scale!].map(memory.floats) as Float32Array[];
    const [dx, dscale, doffset, dresidual] = outputs.map(memory.floats) as Float32Array[];
    const size = channels / groups;
    const scales = new Float64Array(channels);
    const offsets = new Float64Array(channels);
    forEachGroup(batch, groups, (n, group) => {
      const centre = m![n * groups + group]!;
      const inverseStd = 1 / Math.sqrt(m![(batch + n) * groups + group]! + epsilon);
      let sum = 0;
      let sumX = 0;
      for (let p = 0; p < positions; p++) {
        for (let c = group * size, at = (n * positions + p) * channels + c; c < (group + 1) * size; c++, at++) {
          const passed = relu && !(out![at]! > 0) ? 0 : g![at]!;
          const xhat = (values![at]! - centre) * inverseStd;
          dx![at] = passed;
          offsets[c]! += passed;
          scales[c]! += passed * xhat;
          sum += passed * s![c]!;
          sumX += passed * s![c]! * xhat;
        }
      }
      sum /= positions * size;
      sumX /= positions * size;
      for (let p = 0; p < positions; p++) {
        for (let c = group * size, at = (n * positions + p) * channels + c; c < (group + 1) * size; c++, at++) {
          const xhat = (values![at]! - centre) * inverseStd;
          if (dresidual) dresidual[at] = dx![at]!;
          dx![at] = inverseStd * (dx![at]! * s![c]! - sum - xhat * sumX);
        }
      }
    });
    dscale!.set(scales);
    doffset!.set(offsets);
    return outputs;
  },
};

function forEachGroup(batch: number, groups: number, visit: (example: number, group: number) => void) {
  for (let n = 0; n < batch; n++) for (let group = 0; group < groups; group++) visit(n, group);
}
