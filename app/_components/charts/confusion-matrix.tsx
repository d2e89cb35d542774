/**
 * A confusion matrix with each class's figures against the rest. Grey only: the larger a cell's share of its row, the
 * darker.
 */
import { metrics, rateNames } from "@/lib/evaluation";
import { count, percent } from "../text/format";
import { rateWords } from "../text/metric-guide";

interface ConfusionMatrixProps {
  /** Counts; rows are true classes. */
  matrix: readonly (readonly number[])[];
  /** One per class. Default: class ids. */
  classNames?: readonly string[];
  /** For the caption: what was classified, and by which method. */
  caption: string;
}

export function ConfusionMatrix({
  matrix,
  classNames = matrix.map((_, id) => String(id)),
  caption,
}: ConfusionMatrixProps) {
  const { perClass, macro, accuracy, examples } = metrics(matrix);
  const abbreviated = classNames.map(abbreviate);
  return (
    <div className="table-scroll" role="region" aria-label={caption} tabIndex={0}>
      <table className="data-table matrix">
        <caption className="note pb-2">
          {caption} Rows are true classes, columns predicted ones; {count(examples)} examples.
        </caption>
        <thead>
          <tr className="group-heads">
            <td className="name" />
            <th scope="colgroup" colSpan={matrix.length} data-align="start">
              <span>predicted as</span>
            </th>
            <th scope="colgroup" colSpan={rateNames.length} data-align="start">
              <span>this class against the rest, %</span>
            </th>
            <th scope="colgroup" colSpan={4} data-align="start">
              <span>and in counts</span>
            </th>
          </tr>
          <tr>
            <th scope="col" className="name">
              true class
            </th>
            {classNames.map((name, id) => (
              <th key={id} scope="col">
                <abbr title={name} className="no-underline">
                  {abbreviated[id]}
                </abbr>
              </th>
            ))}
            {rateNames.map((rate) => (
              <th key={rate} scope="col">
                {rateWords(rate).head}
              </th>
            ))}
            {counts.map(({ short, name }) => (
              <th key={short} scope="col">
                <abbr title={name} className="no-underline">
                  {short}
                </abbr>
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {matrix.map((row, truth) => {
            const total = row.reduce((sum, value) => sum + value, 0);
            const figures = perClass[truth]!;
            return (
              <tr key={truth}>
                <th scope="row" className="name">
                  {classNames[truth]}
                </th>
                {row.map((value, predicted) => (
                  <td
                    key={predicted}
                    data-hit={truth === predicted || undefined}
                    style={{ background: shade(total === 0 ? 0 : value / total) }}
                  >
                    {value === 0 ? <span className="missing">0</span> : count(value)}
                  </td>
                ))}
                {rateNames.map((rate) => (
                  <td key={rate}>{percent(figures[rate])}</td>
                ))}
                {counts.map(({ short, of }) => (
                  <td key={short}>{count(figures[of])}</td>
                ))}
              </tr>
            );
          })}
          <tr>
            <th scope="row" className="name">
              plain mean
            </th>
            <td colSpan={matrix.length} className="text-ink-2">
              accuracy {percent(accuracy)} %
            </td>
            {rateNames.map((rate) => (
              <td key={rate}>{percent(macro[rate])}</td>
            ))}
            <td colSpan={counts.length} />
          </tr>
        </tbody>
      </table>
    </div>
  );
}

const counts = [
  { short: "TP", name: "true positives", of: "truePositives" },
  { short: "FN", name: "false negatives", of: "falseNegatives" },
  { short: "FP", name: "false positives", of: "falsePositives" },
  { short: "TN", name: "true negatives", of: "trueNegatives" },
] as const;

/** At most 18 % ink, so that the digits stay readable. */
function shade(share: number): string | undefined {
  if (share === 0) return undefined;
  return `color-mix(in oklab, var(--color-ink) ${(18 * Math.sqrt(share)).toFixed(1)}%, var(--color-bg))`;
}

/** Abbreviates long names: "Ankle boot" → "Ank."; digits and short names stay as they are. */
function abbreviate(name: string): string {
  return name.length <= 4 ? name : `${name.slice(0, 3)}.`;
}
