"use client";
/** Copies a text to the clipboard, and confirms it. */
import { useState } from "react";
import { Button } from "./controls";

const CONFIRMED_MILLISECONDS = 2000;

export function CopyButton({ text, children }: { text: string | (() => string); children: string }) {
  const [outcome, setOutcome] = useState<"copied" | "blocked" | null>(null);
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(typeof text === "string" ? text : text());
      setOutcome("copied");
    } catch {
      setOutcome("blocked");
    }
    setTimeout(() => setOutcome(null), CONFIRMED_MILLISECONDS);
  };
  return (
    <>
      <Button className="needs-script" onClick={copy}>
        {outcome === "copied" ? "Copied" : outcome === "blocked" ? "Select and copy by hand" : children}
      </Button>
      <span className="sr-only" role="status">
        {outcome === "copied" ? "Copied" : ""}
      </span>
    </>
  );
}
