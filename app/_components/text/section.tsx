/** A part of a page under a heading of its own. */
import type { ReactNode } from "react";

interface SectionProps {
  /** Of the heading: the section is named by it, and an address can point at it. */
  id: string;
  title: ReactNode;
  /** How to read what follows, in small print under the heading. */
  note?: ReactNode;
  /** At the end of the heading's line: a legend. */
  aside?: ReactNode;
  /** Running text: as wide as reads well, its paragraphs bring their own distance. */
  prose?: boolean;
  className?: string;
  /** Step of the spacing scale between heading or note and what follows. Default: 3; 0 where that brings its own. */
  gap?: keyof typeof margins;
  children: ReactNode;
}

const margins = { 0: undefined, 2: "mb-2", 3: "mb-3", 4: "mb-4" };

export function Section({ id, title, note, aside, prose = false, className, gap = 3, children }: SectionProps) {
  const below = prose ? undefined : margins[gap];
  const own = aside ? undefined : below;
  const words = (
    <>
      <h2 id={id} className={note ? undefined : own}>
        {title}
      </h2>
      {note && <p className={classes("note", own)}>{note}</p>}
    </>
  );
  return (
    <section className={classes("section", prose && "prose", className)} aria-labelledby={id}>
      {aside ? (
        <div className={classes(below, "flex flex-wrap items-end justify-between gap-3")}>
          <div>{words}</div>
          {aside}
        </div>
      ) : (
        words
      )}
      {children}
    </section>
  );
}

const classes = (...names: (string | false | undefined)[]): string => names.filter(Boolean).join(" ");
