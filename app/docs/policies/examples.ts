/** Example documents of the policy language. */

export const examples: readonly [title: string, document: unknown][] = [
  ["PyTorch’s default: keeps .9", { kind: "schedule", momentum: "0.9" }],
  ["The cumulative average", { kind: "schedule", momentum: "1 - 1 / step" }],
  [
    "Short memory first, long memory in the last tenth",
    { kind: "schedule", momentum: "step < 0.9 * steps ? 0.9 : 0.99" },
  ],
  [
    "Longer memory in deeper layers, and another β for the variance",
    { kind: "schedule", momentum: "1 - 0.1 / (1 + layer)", varianceMomentum: "0.99" },
  ],
  [
    "DMBN between three candidates, each channel for itself",
    { kind: "select", candidates: ["0.9", "0.99", "1 - 1 / step"], granularity: "channel" },
  ],
  [
    "What labels choose: one β and variance for the network",
    { kind: "select", by: "loss", granularity: "network", estimators: ["unbiased", "biased", "total"] },
  ],
  ["Recalibration on 1,000 calibration examples", { kind: "recalibrate", samples: 1000 }],
  ["torch’s update_bn in batches of 64", { kind: "recalibrate", batches: { size: 64 } }],
  ["Recalibration, corrected for small batches", { kind: "recalibrate", correction: { by: "small-batch" } }],
  [
    "Recalibration, corrected by the loss on labelled examples",
    { kind: "recalibrate", correction: { by: "loss", shifts: [0, 0.2], scales: [0.8, 1, 1.25] } },
  ],
];
