"use client";
/** The issue of a group of fields. */
export function FieldIssue({ id, text }: { id: string; text: string | undefined }) {
  return (
    text && (
      <div className="field">
        <p id={id} className="issue mt-1">
          {text}
        </p>
      </div>
    )
  );
}
