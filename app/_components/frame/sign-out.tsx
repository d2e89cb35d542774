"use client";
/**
 * Ends the session and stays on the page. Calls next-auth's REST API directly: its client would add a tenth to the
 * JavaScript of every page.
 */
import { useRouter } from "next/navigation";
import { useState } from "react";
import { Button } from "../controls/controls";

export function SignOut() {
  const router = useRouter();
  const [state, setState] = useState<"signed-in" | "leaving" | "failed">("signed-in");
  const leave = async () => {
    setState("leaving");
    try {
      const { csrfToken } = await (await fetch("/api/auth/csrf")).json();
      const answer = await fetch("/api/auth/signout", {
        method: "POST",
        body: new URLSearchParams({ csrfToken, json: "true" }),
      });
      if (!answer.ok) throw new Error(`sign-out answered ${answer.status}`);
      router.refresh();
    } catch {
      setState("failed");
    }
  };
  return (
    <Button kind="plain" className="needs-script" disabled={state === "leaving"} onClick={leave}>
      {state === "failed" ? "Still signed in: try again" : "Sign out"}
    </Button>
  );
}
