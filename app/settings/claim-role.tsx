"use client";
/** Claims the role of a maintainer with the code that the site's start printed. */
import { ApiForm } from "@/app/_components/controls/api-form";
import { Field } from "@/app/_components/controls/controls";

export function ClaimRole({ account }: { account: string }) {
  return (
    <div className="max-w-[34rem]">
      <ApiForm path="/api/v1/account/maintainer" account={account} submit="Become a maintainer" kind="secondary">
        {(issueWith) => (
          <Field
            label="Code"
            name="code"
            required
            maxLength={64}
            autoComplete="off"
            spellCheck={false}
            hint="Like 0123-4567-89ab-cdef-0123."
            issue={issueWith("code")}
          />
        )}
      </ApiForm>
    </div>
  );
}
