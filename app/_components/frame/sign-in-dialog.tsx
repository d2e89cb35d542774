"use client";
/** The sign-in form in a native modal dialog, for pages that would lose work on navigation. */
import { useEffect, useId, useRef } from "react";
import { Button } from "../controls/controls";
import { SignInForm } from "./sign-in-form";

interface SignInDialogProps {
  open: boolean;
  onClose: () => void;
  /** Called with the name of the account. */
  onSignedIn: (name: string) => void;
  providers: readonly { id: string; name: string }[];
  /** Why signing in is needed here. */
  reason: string;
}

export function SignInDialog({ open, onClose, onSignedIn, providers, reason }: SignInDialogProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  const heading = useId();
  useEffect(() => {
    if (open) dialog.current?.showModal();
    else dialog.current?.close();
  }, [open]);
  return (
    <dialog ref={dialog} className="dialog" aria-labelledby={heading} onClose={onClose}>
      {open && (
        <>
          <div className="flex items-start justify-between gap-3">
            <h2 id={heading}>Sign in</h2>
            <Button kind="plain" onClick={onClose}>
              Close
            </Button>
          </div>
          <p className="mt-1 mb-4 text-ink-2">{reason}</p>
          <SignInForm providers={providers} onSignedIn={onSignedIn} />
        </>
      )}
    </dialog>
  );
}
