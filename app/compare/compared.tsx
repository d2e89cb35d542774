/** How the page labels what it compares: letters, names, dashes, and the list with links that remove an entry. */
import Link from "next/link";
import type { ReactNode } from "react";

/** A compared method or run, as this page names it. */
export interface Compared {
  /** `variant/policy slug`, or a run's id. */
  key: string;
  name: string;
  href: string;
}

/** "A", "B" …: short labels for adjacent columns. */
export const letter = (index: number): string => "ABCD"[index]!;

/** Dashes distinguish lines: colour means memory and nothing else. */
export const dashes = [undefined, "6 4", "2 3", "10 4 2 4"];

export function ComparedList({
  compared,
  without,
}: {
  compared: readonly Compared[];
  without: (key: string) => string;
}) {
  return (
    <ul className="compared mt-4" aria-label="Compared here">
      {compared.map(({ key, name, href }, index) => (
        <li key={key}>
          <span className="text-ink-3">{letter(index)}</span> <Link href={href}>{name}</Link>
          {compared.length > 2 && (
            <>
              {" "}
              <Link href={without(key)} scroll={false} className="text-head" aria-label={`Leave out ${name}`}>
                leave out
              </Link>
            </>
          )}
        </li>
      ))}
    </ul>
  );
}

/** A column's heading: the letter and the name. */
export function Short({ index, name }: { index: number; name: string }): ReactNode {
  return (
    <>
      <span className="text-ink-3">{letter(index)}</span> {name}
    </>
  );
}

export const nameIn = (compared: readonly Compared[], key: string): string =>
  compared.find((subject) => subject.key === key)!.name;
