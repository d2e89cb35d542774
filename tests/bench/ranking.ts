/** Ranking boards of several sizes, in seconds of processor time: other work runs beside it. */
import { xoroshiro128plus } from "pure-rand/generator/xoroshiro128plus";
import type { CrossedMeans } from "@/lib/evaluation";
import { crossedMeans, rankInParts } from "@/lib/evaluation";
import type { Measurement } from "./measure";

export const ranking = (): Measurement[] => [
  ranked(70, 50, 355, "≤ 1"),
  ranked(1000, 20, 10_000, "≤ 20"),
  ranked(12_500, 20, 355, ""),
];

function ranked(methods: number, seeds: number, images: number, goal: string): Measurement {
  const board = randomBoard(methods, seeds, images);
  const from = process.cpuUsage();
  const parts = rankInParts(board);
  let count = 1;
  let memory = 0;
  let part = parts.next();
  for (; !part.done; part = parts.next())
    if (count++ % 1000 === 0) memory = Math.max(memory, process.memoryUsage().rss);
  const { user, system } = process.cpuUsage(from);
  const { exact, toldApart, pairs } = part.value;
  const notes = [
    `${count.toLocaleString("en")} parts`,
    `${Math.round((100 * toldApart) / pairs)} % of pairs told apart`,
    ...(exact < methods ? [`all pairs of the first ${exact.toLocaleString("en")}`] : []),
    ...(memory > 0 ? [`${Math.round(memory / 2 ** 20)} MiB resident`] : []),
  ];
  return {
    name: `ranks of ${methods.toLocaleString("en")} methods, ${seeds} seeds, ${images.toLocaleString("en")} images`,
    value: (user + system) / 1e6,
    unit: "s of a processor",
    goal,
    note: notes.join(", "),
  };
}

/** Methods from 50 to 100 % right on half of the images, which the other half lets all get right. */
function randomBoard(methods: number, seeds: number, images: number): CrossedMeans[] {
  const random = xoroshiro128plus(1);
  const bytes = Math.ceil(images / 8);
  const easy = Uint8Array.from({ length: bytes }, () => random.next());
  return Array.from({ length: methods }, (_, method) => {
    const own = Uint8Array.from({ length: bytes }, () => random.next() | random.next());
    const wrong = (method / methods) * 256;
    const right = Array.from({ length: seeds }, () =>
      easy.map((byte, index) => byte | own[index]! | ((random.next() & 0xff) >= wrong ? 0xff : random.next())),
    );
    return crossedMeans(right, images);
  });
}
