"use client";
/** The form that flags a result; navigates to the new flag. */
import { ApiForm } from "@/app/_components/controls/api-form";
import { ReasonField } from "../reason-field";

export function NewFlag({ subject, id }: { subject: "run" | "policy"; id: string }) {
  return (
    <ApiForm path="/api/v1/flags" fixed={{ subject, id }} submit="Send flag" onDone={({ url }) => url}>
      <ReasonField label="Reason" name="reason" hint="Seen by you, the author and maintainers." />
    </ApiForm>
  );
}
