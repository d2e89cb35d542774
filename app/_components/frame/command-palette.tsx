"use client";
/** The command palette, Ctrl K or ⌘K: navigate by typing. Its dialog is loaded on first use. */
import type { ComponentType } from "react";
import { useEffect, useState } from "react";

type Dialog = ComponentType<{ onClose: () => void }>;

export function CommandPalette() {
  const [Dialog, setDialog] = useState<Dialog | null>(null);
  const [open, setOpen] = useState(false);
  const ask = async () => {
    const { PaletteDialog } = await import("./palette-dialog");
    setDialog(() => PaletteDialog);
    setOpen(true);
  };
  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      if (event.key.toLowerCase() !== "k" || !(event.ctrlKey || event.metaKey) || event.shiftKey || event.altKey)
        return;
      event.preventDefault();
      void ask();
    };
    document.addEventListener("keydown", press);
    return () => document.removeEventListener("keydown", press);
  }, []);
  return (
    <>
      <button
        type="button"
        className="palette-button needs-script"
        onClick={() => void ask()}
        aria-keyshortcuts="Control+K Meta+K"
      >
        Find <kbd>Ctrl K</kbd>
      </button>
      {open && Dialog && <Dialog onClose={() => setOpen(false)} />}
    </>
  );
}
