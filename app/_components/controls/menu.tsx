"use client";
/**
 * A panel behind a button: a native popover, so it opens without JavaScript. With JavaScript, a link or primary button
 * in it closes it.
 */
import type { MouseEvent, ReactNode } from "react";
import { useId } from "react";

/** @param label text of the button */
export function Menu({ label, children }: { label: ReactNode; children: ReactNode }) {
  const id = `menu-${useId().replace(/[^\w-]/g, "")}`;
  return (
    <>
      <button type="button" className="button menu-button" popoverTarget={id}>
        {label}
      </button>
      <div id={id} popover="auto" className="menu" onClick={leave}>
        {children}
      </div>
    </>
  );
}

function leave({ target, currentTarget }: MouseEvent<HTMLElement>): void {
  if (target instanceof Element && target.closest("a[href], [data-kind=primary]")) currentTarget.hidePopover();
}
