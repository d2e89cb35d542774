/** Misclassified examples as images, with their true and predicted class. */
import { count } from "@/app/_components/text/format";
import type { Mistake } from "@/lib/server/runs/mistakes";

interface MistakesProps {
  dataset: { slug: string; name: string; shape: readonly [number, number, number]; classes: readonly string[] };
  mistakes: readonly Mistake[];
  /** Number of misclassified examples. */
  of: number;
  otherMethods: number;
}

/** Side of an image on the page, in px. */
const side = 72;

export function Mistakes({ dataset: { slug, name, classes }, mistakes, of, otherMethods }: MistakesProps) {
  if (of === 0) return <p>Not one test example was taken for something else.</p>;
  return (
    <>
      <p className="note mb-3">
        {mistakes.length < of
          ? `${count(mistakes.length)} of ${count(of)} wrong answers`
          : `All ${count(of)} wrong answers`}{" "}
        on the test split of {name}
        {otherMethods > 0 && ", those that fewest other methods of this run got wrong first"}.
      </p>
      <ul className="mistakes">
        {mistakes.map(({ index, truth, predicted, others }) => (
          <li key={index}>
            <img
              src={`/api/v1/datasets/${slug}/examples/${index}`}
              width={side}
              height={side}
              alt={`Test example ${index}: ${classes[truth]}`}
              loading="lazy"
            />
            <span>
              {classes[truth]} → <strong className="font-semibold">{classes[predicted]}</strong>
            </span>
            <span className="margin">
              {otherMethods === 0
                ? `no. ${index}`
                : others === 0
                  ? "this method alone"
                  : others === otherMethods
                    ? "every method"
                    : `and ${others} other${others === 1 ? "" : "s"}`}
            </span>
          </li>
        ))}
      </ul>
    </>
  );
}
