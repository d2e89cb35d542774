"use client";
/** Revokes a token. */
import { useRouter } from "next/navigation";
import { useState } from "react";
import { Button } from "@/app/_components/controls/controls";
import { callApi, isOtherAccount } from "@/app/api/client";

interface RevokeTokenProps {
  id: string;
  name: string;
  account: string;
}

export function RevokeToken({ id, name, account }: RevokeTokenProps) {
  const router = useRouter();
  const [state, setState] = useState<"in force" | "going" | "failed">("in force");
  const revoke = async () => {
    setState("going");
    const result = await callApi("DELETE", "/api/v1/tokens/{id}", { params: { id }, account });
    if ("answer" in result || result.problem.status === 404 || isOtherAccount(result.problem)) router.refresh();
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
