/** Native form controls with an associated label, hint and issue. */
import Link from "next/link";
import type { ComponentProps, ReactNode } from "react";
import { useId } from "react";

type ButtonKind = "primary" | "secondary" | "plain";

/** A button; `primary` at most once per view. */
export function Button({
  kind = "secondary",
  type = "button",
  className = "",
  ...rest
}: ComponentProps<"button"> & { kind?: ButtonKind }) {
  return <button type={type} className={`button ${className}`} data-kind={kind} {...rest} />;
}

/** A link styled as a button. */
export function ButtonLink({
  kind = "secondary",
  className = "",
  ...rest
}: ComponentProps<typeof Link> & { kind?: ButtonKind }) {
  return <Link className={`button ${className}`} data-kind={kind} {...rest} />;
}

interface Described {
  label: ReactNode;
  /** What to enter, with unit and range. */
  hint?: ReactNode;
  /** What is wrong with the value, and what was expected. */
  issue?: ReactNode;
}

/** A labelled input. */
export function Field({ label, hint, issue, id, ...rest }: Described & ComponentProps<"input">) {
  const generatedId = useId();
  const field = id ?? generatedId;
  return (
    <div className="field">
      <label htmlFor={field}>{label}</label>
      <input id={field} className="input" {...described(field, hint, issue)} {...rest} />
      <Description field={field} hint={hint} issue={issue} />
    </div>
  );
}

/** A labelled native select; pass `<option>`s. */
export function Select({ label, hint, issue, id, children, ...rest }: Described & ComponentProps<"select">) {
  const generatedId = useId();
  const field = id ?? generatedId;
  return (
    <div className="field">
      <label htmlFor={field}>{label}</label>
      <span className="select">
        <select id={field} className="input" {...described(field, hint, issue)} {...rest}>
          {children}
        </select>
      </span>
      <Description field={field} hint={hint} issue={issue} />
    </div>
  );
}

/** A checkbox with its label on the right. */
export function Checkbox({ label, hint, ...rest }: { label: ReactNode; hint?: ReactNode } & ComponentProps<"input">) {
  return (
    <label className="check">
      <input type="checkbox" {...rest} />
      <span>
        {label}
        {hint && <span className="hint"> {hint}</span>}
      </span>
    </label>
  );
}

/** A group of controls under one question. */
export function Choices({
  legend,
  children,
  className = "",
}: {
  legend: ReactNode;
  children: ReactNode;
  className?: string;
}) {
  return (
    <fieldset className={`choices ${className}`}>
      <legend>{legend}</legend>
      {children}
    </fieldset>
  );
}

interface SegmentsProps<Value extends string> {
  /** Names the group for screen readers. */
  label: string;
  name: string;
  options: readonly { value: Value; label: ReactNode }[];
  value: Value;
  onChange: (value: Value) => void;
  disabled?: boolean;
}

/** A segmented control: radio buttons that share borders. For client components. */
export function Segments<Value extends string>({
  label,
  name,
  options,
  value,
  onChange,
  disabled = false,
}: SegmentsProps<Value>) {
  return (
    <div className="segments" role="radiogroup" aria-label={label}>
      {options.map((option) => (
        <label key={option.value}>
          <input
            type="radio"
            name={name}
            value={option.value}
            checked={option.value === value}
            onChange={() => onChange(option.value)}
            disabled={disabled}
          />
          {option.label}
        </label>
      ))}
    </div>
  );
}

/** The same as links, for views that are part of the URL. */
export function SegmentLinks({
  label,
  options,
}: {
  label: string;
  options: readonly { href: string; label: ReactNode; current: boolean }[];
}) {
  return (
    <nav className="segments" aria-label={label}>
      {options.map((option) => (
        <Link key={option.href} href={option.href} aria-current={option.current ? "true" : undefined} scroll={false}>
          {option.label}
        </Link>
      ))}
    </nav>
  );
}

function described(field: string, hint: ReactNode, issue: ReactNode) {
  const ids = [hint && `${field}-hint`, issue && `${field}-issue`].filter(Boolean).join(" ");
  return { "aria-describedby": ids || undefined, "aria-invalid": issue ? true : undefined };
}

function Description({ field, hint, issue }: { field: string; hint: ReactNode; issue: ReactNode }) {
  return (
    <>
      {hint && (
        <p id={`${field}-hint`} className="hint">
          {hint}
        </p>
      )}
      {issue && (
        <p id={`${field}-issue`} className="issue">
          {issue}
        </p>
      )}
    </>
  );
}
