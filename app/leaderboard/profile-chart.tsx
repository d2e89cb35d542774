/** The performance profile: on which share of the boards a method is within so many points of the best. */
import type { ChartPoint } from "@/app/_components/charts/line-chart";
import { LineChart } from "@/app/_components/charts/line-chart";
import { memoryClass } from "@/app/_components/momentum/memory";
import { percent, plural, significant } from "@/app/_components/text/format";
import { performanceProfile } from "@/lib/evaluation";
import { baselines } from "@/lib/leaderboard";
import type { Row } from "./over-boards";
import { nameOf } from "./over-boards";

/** From so little on the axis tells regrets apart; less, and none, is drawn at its left end. */
const NEAREST = 0.0005;
/** More points behind than this aren't drawn. */
const FARTHEST = 0.5;

const ticks = [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5];

/** Lines of one colour differ in their dashes. */
const dashes = [undefined, "7 4", "2 3", "9 3 2 3", "1 6"];

/** @param rows in the order of the page: the first is drawn, and the baselines */
export function ProfileChart({ rows, boards }: { rows: readonly Row[]; boards: number }) {
  const drawn = rows.filter(({ method }, index) => index === 0 || baselines.includes(method));
  const worst = drawn.reduce((most, { worst }) => Math.max(most, worst ?? 0), 0.01);
  const limit = Math.min(FARTHEST, worst);
  const series = drawn.map((row, index) => {
    const memory = memoryClass(row.badge.memory);
    const before = drawn.slice(0, index).filter(({ badge }) => memoryClass(badge.memory) === memory).length;
    const dash = dashes[before % dashes.length];
    return { name: nameOf(row), memory, dash, points: steps(row.regrets, limit), unlabelled: true };
  });
  const within = (row: Row) => Math.round(boards * performanceProfile(row.regrets, [0.01])[0]!);
  const title = `Within 1 point of the best: ${drawn
    .slice(0, 3)
    .map((row) => `${nameOf(row)} on ${within(row)}`)
    .join("; ")} of ${plural(boards, "board")}`;
  return (
    <LineChart
      title={title}
      note={
        <>
          The share of boards on which a method is at most so far behind, on a log axis: higher and farther left is
          better. The first in the order above, and the baselines.
        </>
      }
      words={`${title}. The table below has the shares.`}
      x={{
        label: "points behind the best of a board",
        scale: "log",
        domain: [NEAREST, limit],
        ticks: ticks.filter((tick) => tick <= limit),
        format: (value) => String(Number(significant(100 * value, 2))),
      }}
      y={{ label: "boards, %", domain: [0, 1], format: (value) => percent(value, 0), ticks: [0, 0.25, 0.5, 0.75, 1] }}
      series={series}
    >
      <ul className="line-legend">
        {series.map(({ name, memory, dash }) => (
          <li key={name} className={memory}>
            <svg viewBox="0 0 28 8" aria-hidden="true">
              <path d="M0 4H28" strokeDasharray={dash} />
            </svg>
            {name}
          </li>
        ))}
      </ul>
    </LineChart>
  );
}

/** The corners of the profile, a step up at each regret. */
function steps(regrets: readonly (number | null)[], limit: number): ChartPoint[] {
  const known = regrets.filter((regret) => regret !== null && regret > NEAREST && regret < limit) as number[];
  const ends = [...new Set(known)].sort((a, b) => a - b);
  const shares = performanceProfile(regrets, [NEAREST, ...ends, limit]);
  return [
    { x: NEAREST, y: shares[0]! },
    ...ends.flatMap((x, index) => [
      { x, y: shares[index]! },
      { x, y: shares[index + 1]! },
    ]),
    { x: limit, y: shares.at(-2)! },
    { x: limit, y: shares.at(-1)! },
  ];
}
