/** Empty states and error messages, each with a next step. */
import type { ReactNode } from "react";
import type { Issue } from "@/lib/records";

interface NoticeProps {
  title: string;
  children?: ReactNode;
  /** Links or buttons for the next step. */
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

/** The server's issues, field by field: what was expected, what was found, how to fix it. */
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

/** An error message: what failed, what is shown or saved instead, and how to fix it. Screen readers announce it. */
export function Problem({ title, children, actions }: NoticeProps) {
  return (
    <div className="problem" role="alert">
      <p className="font-semibold">{title}</p>
      {children && <div className="mt-1 text-ink-2">{children}</div>}
      {actions && <div className="mt-3 flex flex-wrap gap-2">{actions}</div>}
    </div>
  );
}
