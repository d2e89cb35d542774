/** What the pages of policies share: their styles. */
import type { ReactNode } from "react";
import "./policies.css";

export default function PoliciesLayout({ children }: { children: ReactNode }) {
  return children;
}
