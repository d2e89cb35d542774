/** Loads the styles that the policy pages share. */
import type { ReactNode } from "react";
import "./policies.css";

export default function PoliciesLayout({ children }: { children: ReactNode }) {
  return children;
}
