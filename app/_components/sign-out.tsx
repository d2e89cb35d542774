"use client";
/** Ends the session and stays on the page. */
import { useRouter } from "next/navigation";
import { signOut } from "next-auth/react";
import { useState } from "react";
import { Button } from "./controls";

export function SignOut() {
  const router = useRouter();
  const [leaving, setLeaving] = useState(false);
  const leave = async () => {
    setLeaving(true);
    await signOut({ redirect: false });
    setLeaving(false);
    router.refresh();
  };
  return (
    <Button kind="plain" className="needs-script" disabled={leaving} onClick={leave}>
      Sign out
    </Button>
  );
}
