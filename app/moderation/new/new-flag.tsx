"use client";
/** The form that flags a result; navigates to the new flag. */
import { ApiForm } from "@/app/_components/controls/api-form";
import type { subjectNames } from "@/lib/leaderboard";
import { ReasonField } from "../reason-field";

interface NewFlagProps {
  subject: keyof typeof subjectNames;
  id: string;
  account: string;
}

export function NewFlag({ subject, id, account }: NewFlagProps) {
  return (
    <ApiForm
      path="/api/v1/flags"
      account={account}
      fixed={{ subject, id }}
      submit={`Send flag as ${account}`}
      onDone={({ url }) => url}
    >
      <ReasonField label="Reason" name="reason" hint="Seen by you, the author and maintainers." />
    </ApiForm>
  );
}
