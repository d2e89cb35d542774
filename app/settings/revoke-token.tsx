"use client";
/** Revokes a token. */
import { useRouter } from "next/navigation";
import { useState } from "react";
import { Button } from "@/app/_components/controls/controls";
import { callApi } from "@/app/api/client";

export function RevokeToken({ id, name }: { id: string; name: string }) {
  const router = useRouter();
  const [state, setState] = useState<"in force" | "going" | "failed">("in force");
  const revoke = async () => {
    setState("going");
    const result = await callApi("DELETE", "/api/v1/tokens/{id}", { params: { id } });
    if ("answer" in result || result.problem.status === 404) router.refresh();
    else setState("failed");
  };
  return (
    <Button
      kind="plain"
      className="needs-script"
      onClick={revoke}
      disabled={state === "going"}
      aria-label={`Revoke ${name}`}
    >
      {state === "failed" ? "Still in force: try again" : "Revoke"}
    </Button>
  );
}
