/** The same thing as code of several libraries, one open at a time, without JavaScript. */
import { useId } from "react";
import type { CodeExport } from "@/lib/dmbn/policy/export";
import { CopyButton } from "../controls/copy-button";

interface CodeExamplesProps {
  examples: readonly (CodeExport & { library: string })[];
  /** The library that is open at first. Default: the first. */
  open?: string | undefined;
}

export function CodeExamples({ examples, open = examples[0]?.library }: CodeExamplesProps) {
  const group = useId();
  return (
    <div className="rows">
      {examples.map(({ library, code, notes }) => (
        <details key={library} name={group} open={library === open || undefined} className="more">
          <summary>{library}</summary>
          <div className="mt-2 mb-3 grid gap-2">
            <pre tabIndex={0} aria-label={`${library} code`}>
              {code}
            </pre>
            {notes.map((note) => (
              <p key={note} className="note">
                {note}
              </p>
            ))}
            <div>
              <CopyButton text={code}>{`Copy ${library} code`}</CopyButton>
            </div>
          </div>
        </details>
      ))}
    </div>
  );
}
