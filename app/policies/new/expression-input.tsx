"use client";
/**
 * An input for expressions: completion while typing, and a mark under the wrong character. A mirror below the text
 * shows the mark, so that the text stays a native field with native undo.
 */
import type { KeyboardEvent, ReactNode } from "react";
import { useId, useRef, useState } from "react";
import type { Completion, Completions } from "./completion";
import { completionsAt } from "./completion";

interface ExpressionInputProps {
  label: ReactNode;
  hint?: ReactNode;
  value: string;
  onChange: (value: string) => void;
  /** What is wrong, and the offset of the wrong character. */
  issue?: { text: string; position: number | null } | null;
  /** One expression a line; otherwise Enter does nothing. */
  multiline?: boolean;
  /** No completion: the text is not an expression. */
  plain?: boolean;
  rows?: number;
}

/** Completions visible at once. */
const SHOWN = 8;

export function ExpressionInput({
  label,
  hint,
  value,
  onChange,
  issue,
  multiline = false,
  plain = false,
  rows = 1,
}: ExpressionInputProps) {
  const id = useId();
  const area = useRef<HTMLTextAreaElement>(null);
  const [offered, setOffered] = useState<Completions | null>(null);
  const [active, setActive] = useState(0);
  const option = (index: number) => `${id}-option-${index}`;

  const updateCompletions = (explicit = false) => {
    const field = area.current;
    if (plain || !field) return;
    const collapsed = field.selectionStart === field.selectionEnd;
    setOffered(collapsed ? completionsAt(field.value, field.selectionStart, explicit) : null);
    setActive(0);
  };

  const accept = ({ insert }: Completion) => {
    const field = area.current!;
    field.focus();
    field.setSelectionRange(offered!.from, offered!.to);
    // The only way to insert text that the field's native undo knows.
    if (!document.execCommand("insertText", false, insert))
      onChange(field.value.slice(0, offered!.from) + insert + field.value.slice(offered!.to));
    setOffered(null);
  };

  const press = (event: KeyboardEvent<HTMLTextAreaElement>) => {
    if (event.nativeEvent.isComposing) return;
    if (event.key === " " && event.ctrlKey) {
      event.preventDefault();
      updateCompletions(true);
    } else if (offered) {
      const { options } = offered;
      const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
      if (step) setActive((active + step + options.length) % options.length);
      else if (event.key === "Enter" || (event.key === "Tab" && !event.shiftKey)) accept(options[active]!);
      else if (event.key === "Escape") setOffered(null);
      else return;
      event.preventDefault();
    } else if (event.key === "Enter" && !multiline) event.preventDefault();
  };

  const position = issue?.position ?? null;
  const first = Math.max(0, Math.min(active - SHOWN + 1, (offered?.options.length ?? 0) - SHOWN));
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      <div className="expression">
        <div className="expression-mirror" aria-hidden="true">
          {position === null ? (
            value
          ) : (
            <>
              {value.slice(0, position)}
              <mark>{[...value.slice(position)][0]?.replace("\n", " ") ?? " "}</mark>
              {value.slice(position + ([...value.slice(position)][0]?.length ?? 0))}
            </>
          )}
          {"\u200b"}
        </div>
        <textarea
          ref={area}
          id={id}
          className="input"
          value={value}
          rows={rows}
          spellCheck={false}
          autoCapitalize="none"
          autoCorrect="off"
          autoComplete="off"
          aria-autocomplete={plain ? undefined : "list"}
          aria-controls={offered ? `${id}-options` : undefined}
          aria-activedescendant={offered ? option(active) : undefined}
          aria-invalid={issue ? true : undefined}
          aria-describedby={[issue && `${id}-issue`, hint && `${id}-hint`].filter(Boolean).join(" ") || undefined}
          onChange={(event) => {
            onChange(event.target.value);
            updateCompletions();
          }}
          onKeyDown={press}
          onClick={() => setOffered(null)}
          onBlur={() => setOffered(null)}
        />
        {offered && (
          <ul id={`${id}-options`} className="completions" role="listbox" aria-label="Completions">
            {offered.options.slice(first, first + SHOWN).map((completion, index) => (
              <li
                key={completion.signature}
                id={option(first + index)}
                role="option"
                aria-selected={first + index === active}
                onMouseDown={(event) => {
                  event.preventDefault(); // the field keeps the focus
                  accept(completion);
                }}
              >
                <code>{completion.signature}</code> <span>{completion.meaning}</span>
              </li>
            ))}
          </ul>
        )}
      </div>
      {issue && (
        <p id={`${id}-issue`} className="issue">
          {issue.text}
        </p>
      )}
      {hint && (
        <p id={`${id}-hint`} className="hint">
          {hint}
        </p>
      )}
    </div>
  );
}
