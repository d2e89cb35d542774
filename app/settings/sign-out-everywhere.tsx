"use client";
/** Ends all sessions of the account, after the user has ticked a box. */
import { ApiForm } from "@/app/_components/controls/api-form";
import { Checkbox } from "@/app/_components/controls/controls";

export function SignOutEverywhere({ account }: { account: string }) {
  return (
    <ApiForm
      path="/api/v1/account/sessions"
      method="DELETE"
      account={account}
      submit="Sign out everywhere"
      kind="secondary"
      onDone={() => "/"}
    >
      <Checkbox label="In all browsers, this one too" required />
    </ApiForm>
  );
}
