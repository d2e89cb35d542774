/** The reason for pausing or resuming. */
import { useId } from "react";

export function ReasonInput() {
  const id = useId();
  return (
    <div className="field">
      <label htmlFor={id}>Reason</label>
      <input
        id={id}
        name="reason"
        className="input"
        required
        minLength={3}
        maxLength={500}
        aria-describedby={`${id}-hint`}
      />
      <p id={`${id}-hint`} className="hint">
        Public, in the log.
      </p>
    </div>
  );
}
