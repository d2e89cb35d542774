"use client";
/** A part that is closed until it is asked for or needed; it never closes under somebody's hands. */
import type { ReactNode } from "react";
import { useState } from "react";

interface MoreProps {
  summary: ReactNode;
  /** Opens it at the moment it becomes so. */
  needed: boolean;
  children: ReactNode;
}

export function More({ summary, needed, children }: MoreProps) {
  const [open, setOpen] = useState(needed);
  const [before, setBefore] = useState(needed);
  if (needed !== before) {
    setBefore(needed);
    if (needed) setOpen(true);
  }
  return (
    <details className="more" open={open} onToggle={({ currentTarget }) => setOpen(currentTarget.open)}>
      <summary>{summary}</summary>
      {children}
    </details>
  );
}
