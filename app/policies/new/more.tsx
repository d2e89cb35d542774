"use client";
/** A collapsible part that opens on demand and never closes by itself. */
import type { ReactNode } from "react";
import { useState } from "react";

interface MoreProps {
  summary: ReactNode;
  /** Opens the part when this becomes true. */
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
