"use client";
/** Form fields that show a policy document's JSON and edit it. */
import { useId } from "react";
import { Segments } from "@/app/_components/controls/controls";
import type { FormProps } from "./form-fields";
import { NumberField } from "./form-fields";
import type { PolicyKind } from "./reading";
import { ScheduleFields } from "./schedule-fields";
import { SelectFields } from "./select-fields";

const kinds = [
  { value: "schedule", label: "Schedule" },
  { value: "select", label: "Select" },
  { value: "recalibrate", label: "Recalibrate" },
] as const satisfies readonly { value: PolicyKind; label: string }[];

const kindHints: Record<PolicyKind, string> = {
  schedule: "β follows a formula over the steps of a run.",
  select: "Each layer gets a β of its own, by what the run itself shows.",
  recalibrate: "No average is kept: mean and variance are measured anew on calibration examples.",
};

export const isKind = (value: unknown): value is PolicyKind => kinds.some((kind) => kind.value === value);

/** @param onKind called when another kind is chosen */
export function PolicyForm({ raw, issue, onChange, onKind }: FormProps & { onKind: (kind: PolicyKind) => void }) {
  const { kind } = raw;
  const name = useId();
  return (
    <div className="grid gap-3">
      <div className="grid gap-1">
        <div>
          <Segments
            label="Kind of policy"
            name={name}
            options={kinds}
            value={isKind(kind) ? kind : ("" as PolicyKind)}
            onChange={onKind}
          />
        </div>
        <p className="note">
          {isKind(kind) ? kindHints[kind] : "The document names no kind of policy: choose one, or write it below."}
        </p>
      </div>
      {kind === "schedule" && <ScheduleFields raw={raw} issue={issue} onChange={onChange} />}
      {kind === "select" && <SelectFields raw={raw} issue={issue} onChange={onChange} />}
      {kind === "recalibrate" && (
        <NumberField
          raw={raw}
          issue={issue}
          onChange={onChange}
          path={["samples"]}
          label="Calibration examples"
          hint="Leave empty for the whole calibration split."
        />
      )}
    </div>
  );
}
