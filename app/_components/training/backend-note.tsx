"use client";
/** The backend of a training, and the backends that were rejected. */
import type { BackendReport } from "./protocol";
import { backendLabels } from "./protocol";

export function BackendNote({ backend: { name, adapter, reason, rejected } }: { backend: BackendReport }) {
  return (
    <div className="note mt-1">
      <p>
        Computes with {backendLabels[name]} ({adapter}): {reason}.
      </p>
      {rejected.length > 0 && (
        <p>
          Not used:{" "}
          {rejected
            .map(({ name, reason }) => `${backendLabels[name as BackendReport["name"]] ?? name}, ${reason}`)
            .join("; ")}
          .
        </p>
      )}
    </div>
  );
}
