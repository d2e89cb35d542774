/** A section of a page with its own heading. */
import type { ReactNode } from "react";

interface SectionProps {
  /** Id of the heading: names the section, and is a link target. */
  id: string;
  title: ReactNode;
  /** How to read what follows, in small print under the heading. */
  note?: ReactNode;
  /** At the end of the heading's line, such as a legend. */
  aside?: ReactNode;
  /** Prose: a readable line width, and paragraphs with their own spacing. */
  prose?: boolean;
  className?: string;
  /**
   * Step of the spacing scale between the heading or note and the content. Default: 3; 0 for content with its own
   * spacing.
   */
  gap?: keyof typeof margins;
  children: ReactNode;
}

const margins = { 0: undefined, 2: "mb-2", 3: "mb-3", 4: "mb-4" };

export function Section({ id, title, note, aside, prose = false, className, gap = 3, children }: SectionProps) {
  const margin = prose ? undefined : margins[gap];
  const headingMargin = aside ? undefined : margin;
  const words = (
    <>
      <h2 id={id} className={note ? undefined : headingMargin}>
        {title}
      </h2>
      {note && <p className={classes("note", headingMargin)}>{note}</p>}
    </>
  );
  return (
    <section className={classes("section", prose && "prose", className)} aria-labelledby={id}>
      {aside ? (
        <div className={classes(margin, "flex flex-wrap items-end justify-between gap-3")}>
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
