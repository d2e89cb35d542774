/** Where the server has recorded no run: what to look at meanwhile. */
import type { ReactNode } from "react";
import { ButtonLink } from "./controls";
import { Empty } from "./notices";

interface NoRunsProps {
  title?: string;
  /** Before the other actions. */
  action?: ReactNode;
}

export function NoRuns({ title = "The server has recorded no run yet", action }: NoRunsProps) {
  return (
    <Empty
      title={title}
      actions={
        <>
          {action}
          <ButtonLink href="/status">What is being recorded</ButtonLink>
          <ButtonLink href="/study">What the study found</ButtonLink>
          <ButtonLink href="/train">Train one here</ButtonLink>
        </>
      }
    >
      The boards of the digits fill within a minute after the first start, unless this site is set to record none.
    </Empty>
  );
}
