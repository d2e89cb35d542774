/** Says that a stored result contradicts the rules as they are now, and where. */
import type { Issue } from "@/lib/records";

interface RanksNowhereProps {
  /** The sentence: what it is, and why it ranks nowhere. */
  title: string;
  issues: readonly Issue[];
}

/** Issues that are shown at once; the others are folded. */
const FIRST = 3;

export function RanksNowhere({ title, issues }: RanksNowhereProps) {
  return (
    <div className="problem mt-4" role="note">
      <p className="font-semibold">{title}</p>
      <Issues issues={issues.slice(0, FIRST)} />
      {issues.length > FIRST && (
        <details className="mt-1">
          <summary>And more</summary>
          <Issues issues={issues.slice(FIRST)} />
        </details>
      )}
    </div>
  );
}

function Issues({ issues }: Pick<RanksNowhereProps, "issues">) {
  return (
    <ul className="mt-1 grid gap-1 text-ink-2">
      {issues.map(({ field, expected, found }, index) => (
        <li key={index} className="break-words">
          <code className="break-all">{field}</code>: expected {expected}, found {found}
        </li>
      ))}
    </ul>
  );
}
