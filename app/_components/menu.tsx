/** A panel behind a button: a native popover, so it opens without a script. */
import { type ReactNode, useId } from "react";

/** @param label what the button says */
export function Menu({ label, children }: { label: ReactNode; children: ReactNode }) {
  const id = `menu-${useId().replace(/[^\w-]/g, "")}`;
  return (
    <>
      <button type="button" className="button menu-button" popoverTarget={id}>
        {label}
      </button>
      <div id={id} popover="auto" className="menu">
        {children}
      </div>
    </>
  );
}
