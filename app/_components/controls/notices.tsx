/** What a page says when there is nothing yet, and when something went wrong: always with the next step. */
import type { ReactNode } from "react";
import type { Issue } from "@/lib/records";

interface NoticeProps {
  title: string;
  children?: ReactNode;
  /** Links or buttons that lead on. */
  actions?: ReactNode;
}

export function Empty({ title, children, actions }: NoticeProps) {
  return (
    <div className="empty">
      <p className="font-medium">{title}</p>
      {children && <div className="mt-1 text-ink-2">{children}</div>}
      {actions && <div className="mt-3 flex flex-wrap gap-2">{actions}</div>}
    </div>
  );
}

/** What the server refused, field by field: what was expected, what was found, how to mend it. */
export function Refusals({ errors }: { errors: readonly Issue[] }) {
  return (
    <ul className="grid gap-1">
      {errors.map(({ field, expected, found, remedy }) => (
        <li key={`${field} ${expected}`}>
          <code>{field || "body"}</code>: expected {expected}, found {found}. {remedy}
        </li>
      ))}
    </ul>
  );
}

/** Says what failed, what is shown or kept instead, and how to mend it; read aloud as it appears. */
export function Problem({ title, children, actions }: NoticeProps) {
  return (
    <div className="problem" role="alert">
      <p className="font-semibold">{title}</p>
      {children && <div className="mt-1 text-ink-2">{children}</div>}
      {actions && <div className="mt-3 flex flex-wrap gap-2">{actions}</div>}
    </div>
  );
}
