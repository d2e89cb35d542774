/**
 * `npx tsx tests/bench/coverage.ts [BOARDS]`: how often the simultaneous intervals of a board hold all true differences,
 * by simulation; minutes for 500 boards a row. RESULTS.md records the figures; tests/evaluation/coverage.test.ts has a
 * short version.
 */
import { normals } from "@/lib/random/normals";
import { coverage } from "../evaluation/simulated-board";

const boards = Number(process.argv[2] ?? 500);
for (const imageEffect of [0.8, 0]) {
  for (const methods of [10, 60]) {
    for (const seeds of [10, 20, 50]) {
      const simulation = { methods, seeds, images: 300, seedEffect: 0.3, imageEffect };
      // Few draws make a critical value uncertain, but not the share of boards.
      const covered = coverage(simulation, boards, 199, normals(1));
      console.log(
        `image effect ${imageEffect}, ${methods} methods, ${seeds} seeds: ${(100 * covered).toFixed(1)} % of ${boards}`,
      );
    }
  }
}
