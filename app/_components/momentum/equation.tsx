/** Typeset mathematics: real italics of Source Serif 4, upright digits, hats drawn over their letter. */
import type { ReactNode } from "react";

/**
 * A displayed equation.
 * @param words how it is read aloud
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
