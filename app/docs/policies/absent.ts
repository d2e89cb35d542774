/** Known ways to inference statistics that are no policy here, and why. */
interface Absent {
  name: string;
  why: string;
  source: { title: string; url: string } | null;
}

const arxiv = (id: string, title: string) => ({ title: `${title}, arXiv:${id}`, url: `https://arxiv.org/abs/${id}` });

export const absent: readonly Absent[] = [
  {
    name: "EvalNorm",
    why:
      "Training stays as it is, but each test example is normalized by a mixture of the running statistics and its " +
      "own: they are not fixed at inference.",
    source: arxiv("1904.06031", "Singh & Shrivastava 2019"),
  },
  {
    name: "Prior of N examples",
    why:
      "Mixes the running statistics, with weight N/(N + n), and those of the n test examples of a batch: a prediction " +
      "depends on the others of its batch.",
    source: arxiv("2006.16971", "Schneider et al. 2020"),
  },
  {
    name: "TEMA",
    why:
      "Goes on averaging over the test batches, layer by layer: a prediction depends on the test examples before it, " +
      "and on their order.",
    source: arxiv("2312.09486", "Su et al. 2023"),
  },
  {
    name: "Another ε at inference",
    why:
      "The law holds: it is fixed, and replaces each σ by √(σ² + ε′ − ε). But it is a setting of inference, not of an " +
      "average; nearest is a recalibration whose correction by constants has a scale, the same for every channel.",
    source: null,
  },
];
