/**
 * What each static momentum costs, row by row: a table whose cells are shaded from paper to ink. The safe band of a row
 * is framed. What wasn't measured, and what diverged, says so in its place.
 */
import Link from "next/link";
import { HeatLegend, levelOf } from "@/app/_components/charts/heat-strip";
import { count, percent, plural } from "@/app/_components/text/format";
import type { MapPlace } from "@/lib/records";
import type { Answer, Silence } from "./look-up";
import { safeBand, staticsOf } from "./safe-band";
import { costOf } from "./words";

export interface HeatRow {
  key: number;
  href: string;
  current: boolean;
  found: Answer | Silence;
}

interface HeatMapProps {
  title: string;
  /** What a row is: "batch", "steps". */
  what: string;
  momenta: readonly number[];
  rows: readonly HeatRow[];
  /** How many networks of people's own were best with a momentum in a row. Default: none are shown. */
  dots?: (key: number, momentum: number) => number;
}

export function HeatMap({ title, what, momenta, rows, dots = () => 0 }: HeatMapProps) {
  const diverged = rows.flatMap(({ key, found }) =>
    found.kind === "answer" ? found.places.flatMap((place) => divergedIn(place, `${what} ${count(key)}`)) : [],
  );
  return (
    <figure className="figure heat-map">
      <figcaption>
        <h3>{title}</h3>
      </figcaption>
      <table>
        <caption className="sr-only">{title}: points of accuracy that each β costs</caption>
        <thead>
          <tr>
            <th scope="col">{what}</th>
            {momenta.map((momentum) => (
              <th key={momentum} scope="col">
                <span>{String(momentum).replace(/^0\./, ".")}</span>
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map(({ key, href, current, found }) => (
            <tr key={key} aria-current={current ? "true" : undefined}>
              <th scope="row">
                <Link href={href} scroll={false} prefetch={false}>
                  {count(key)}
                </Link>
              </th>
              {found.kind === "answer" ? (
                <Costs found={found} dots={(momentum) => dots(key, momentum)} />
              ) : (
                <td colSpan={momenta.length} data-level="none">
                  {found.kind === "diverged" ? "diverged" : "not measured"}
                </td>
              )}
            </tr>
          ))}
        </tbody>
      </table>
      {diverged.length > 0 && <p className="note mt-1">Runs that diverged, and are left out: {diverged.join("; ")}.</p>}
    </figure>
  );
}

const divergedIn = ({ seeds, diverged }: MapPlace, name: string): string[] =>
  diverged > 0 ? [`${name}, ${count(diverged)} of ${count(seeds + diverged)}`] : [];

function Costs({ found, dots }: { found: Answer; dots: (momentum: number) => number }) {
  const statics = staticsOf(found.scores);
  const { best, safe } = safeBand(statics);
  const ends = { [safe[0]!.momentum]: "from", [safe.at(-1)!.momentum]: "to" };
  if (safe.length === 1) ends[best.momentum] = "from to";
  return statics.map((score) => {
    const isSafe = safe.includes(score);
    const cost = costOf(score);
    const own = dots(score.momentum);
    const ownWords = own > 0 ? `; the best constant of ${plural(own, "network")} of people’s own` : "";
    return (
      <td
        key={score.momentum}
        data-level={levelOf(cost)}
        data-safe={isSafe ? (ends[score.momentum] ?? "within") : undefined}
        title={`β = ${score.momentum}: ${score === best ? "the best" : `costs ${percent(cost, 2)} points`}${isSafe ? ", safe" : ""}${ownWords}`}
      >
        <span>{percent(cost)}</span>
        {isSafe && <span className="sr-only"> safe</span>}
        {own > 0 && (
          <span className="own-dot">
            <span className="sr-only">{ownWords}</span>
          </span>
        )}
      </td>
    );
  });
}

export const HeatMapLegend = () => (
  <div className="heat-map flex flex-wrap items-end gap-x-3 gap-y-1">
    <HeatLegend title="Points of accuracy that it costs against the best β" />
    <span className="frame-mark">
      <span className="heat-mark" />
      the safe band
    </span>
  </div>
);
