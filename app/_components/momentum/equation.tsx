/** Typeset mathematics: true italics of Source Serif 4, upright digits, hats drawn over their letter. */
import type { ReactNode } from "react";

/**
 * A displayed equation.
 * @param words the equation in words, for screen readers
 */
export function Equation({ words, children }: { words: string; children: ReactNode }) {
  return (
    <p className="equation" role="math" aria-label={words}>
      {children}
    </p>
  );
}

/** A letter with a hat: an estimate. */
export function Hat({ children }: { children: ReactNode }) {
  return <var className="hat">{children}</var>;
}

/** The update rule that the whole site is about. */
export function RunningMeanEquation() {
  return (
    <Equation words="The new running mean is beta times the old one plus one minus beta times the batch mean">
      <Hat>μ</Hat> ← <var>β</var> <Hat>μ</Hat> + (1 − <var>β</var>) <var>μ</var>
      <sub>
        <var>B</var>
      </sub>
    </Equation>
  );
}
