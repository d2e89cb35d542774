/** A labelled field for a few sentences. */
import { useId } from "react";

export function ReasonField({ label, name, hint }: { label: string; name: string; hint: string }) {
  const id = useId();
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      <textarea
        id={id}
        name={name}
        className="input"
        rows={5}
        required
        minLength={10}
        maxLength={2000}
        aria-describedby={`${id}-hint`}
      />
      <p id={`${id}-hint`} className="hint">
        {hint} 10 to 2,000 characters.
      </p>
    </div>
  );
}
