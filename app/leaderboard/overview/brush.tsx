"use client";
/**
 * Dragging along an axis selects a range: it fills in the form's two fields and submits them, so that the range is in
 * the URL.
 */
import type { PointerEvent, ReactNode } from "react";
import { useState } from "react";

export interface BrushAxis {
  /** Names the fields `min.key` and `max.key`. */
  key: string;
  /** Horizontal position in the plot, from 0 to 1. */
  x: number;
  /** Percent, at its lower and upper end. */
  low: number;
  high: number;
}

interface Drag {
  axis: BrushAxis;
  /** Vertical positions in the plot, from 0 to 1. */
  from: number;
  to: number;
}

/** @param form id of the form with the fields */
export function Brush({ axes, form, children }: { axes: readonly BrushAxis[]; form: string; children: ReactNode }) {
  const [drag, setDrag] = useState<Drag | null>(null);
  const place = (event: PointerEvent<HTMLElement>) => {
    const box = event.currentTarget.getBoundingClientRect();
    return {
      x: (event.clientX - box.left) / box.width,
      y: Math.min(1, Math.max(0, (event.clientY - box.top) / box.height)),
    };
  };
  const start = (event: PointerEvent<HTMLElement>) => {
    if (event.button !== 0) return;
    const { x, y } = place(event);
    const axis = axes.reduce((nearest, one) => (Math.abs(one.x - x) < Math.abs(nearest.x - x) ? one : nearest));
    event.currentTarget.setPointerCapture(event.pointerId);
    setDrag({ axis, from: y, to: y });
  };
  const end = () => {
    if (!drag) return;
    setDrag(null);
    const { axis, from, to } = drag;
    const fields = document.getElementById(form);
    if (!(fields instanceof HTMLFormElement)) return;
    const value = (y: number) => (axis.high - y * (axis.high - axis.low)).toFixed(2);
    // A click without a drag clears the range.
    const range = Math.abs(to - from) < 0.02 ? ["", ""] : [value(Math.max(from, to)), value(Math.min(from, to))];
    [`min.${axis.key}`, `max.${axis.key}`].forEach((name, index) => {
      const field = fields.elements.namedItem(name);
      if (field instanceof HTMLInputElement) field.value = range[index]!;
    });
    fields.requestSubmit();
  };
  return (
    <div
      className="brush"
      onPointerDown={start}
      onPointerMove={(event) => drag && setDrag({ ...drag, to: place(event).y })}
      onPointerUp={end}
      onPointerCancel={() => setDrag(null)}
    >
      {children}
      {drag && (
        <span
          className="brushed"
          style={{
            left: `${100 * drag.axis.x}%`,
            top: `${100 * Math.min(drag.from, drag.to)}%`,
            height: `${100 * Math.abs(drag.to - drag.from)}%`,
          }}
        />
      )}
    </div>
  );
}
