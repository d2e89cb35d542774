"use client";
/** A whole number on a log scale: a field for any value, and a slider over usual ones. Leads to a URL when it changes. */
import { useId, useRef, useState } from "react";

interface ScaleProps {
  name: string;
  label: string;
  value: number;
  /** The slider's values, rising. */
  stops: readonly number[];
  hint: string;
}

/** How long a change has to stand before it counts, in milliseconds: keys and drags pass over many values. */
const SETTLED_MILLISECONDS = 150;

export function Scale({ name, label, value, stops, hint }: ScaleProps) {
  const id = useId();
  const field = useRef<HTMLInputElement>(null);
  const settling = useRef<ReturnType<typeof setTimeout>>(undefined);
  /** What is being chosen, until the page has it. */
  const [draft, setDraft] = useState<{ from: number; text: string } | null>(null);
  const text = draft?.from === value ? draft.text : String(value);
  const change = (next: string) => {
    setDraft({ from: value, text: next });
    clearTimeout(settling.current);
    settling.current = setTimeout(() => {
      if (field.current?.validity.valid) field.current.form?.requestSubmit();
    }, SETTLED_MILLISECONDS);
  };
  return (
    <div className="field scale">
      <label htmlFor={id}>{label}</label>
      <input
        ref={field}
        id={id}
        className="input"
        type="number"
        name={name}
        min={1}
        max={9_999_999}
        required
        value={text}
        aria-describedby={`${id}-hint`}
        onChange={(event) => change(event.target.value)}
      />
      <input
        className="memory-slider needs-script"
        type="range"
        aria-label={`${label}, slider`}
        min={0}
        max={stops.length - 1}
        value={nearest(stops, Number(text))}
        aria-valuetext={text}
        onChange={(event) => change(String(stops[Number(event.target.value)]))}
      />
      <p id={`${id}-hint`} className="hint">
        {hint}
      </p>
    </div>
  );
}

/** Index of the stop that is nearest on a log scale. */
function nearest(stops: readonly number[], value: number): number {
  const distance = (stop: number) => Math.abs(Math.log(Math.max(1, value) / stop));
  return stops.reduce((best, stop, index) => (distance(stop) < distance(stops[best]!) ? index : best), 0);
}
