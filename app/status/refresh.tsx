"use client";
/** Refreshes the page's data every few seconds while there is something to wait for and somebody looks. */
import { useRouter } from "next/navigation";
import { useEffect } from "react";

const refreshMs = 5000;

export function Refresh({ active }: { active: boolean }) {
  const router = useRouter();
  useEffect(() => {
    if (!active) return;
    const timer = setInterval(() => document.visibilityState === "visible" && router.refresh(), refreshMs);
    return () => clearInterval(timer);
  }, [active, router]);
  return null;
}
