"use client";
/** Deletes the account, after the user has typed its name. */
import { ApiForm } from "@/app/_components/controls/api-form";
import { Field } from "@/app/_components/controls/controls";

export function DeleteAccount({ name }: { name: string }) {
  return (
    <div className="max-w-[34rem]">
      <ApiForm
        path="/api/v1/account"
        method="DELETE"
        account={name}
        submit="Delete my account"
        kind="secondary"
        onDone={() => "/"}
      >
        {(issueWith) => (
          <Field
            label="Your name, to confirm"
            name="name"
            required
            autoComplete="off"
            spellCheck={false}
            hint={`Type ${name}`}
            issue={issueWith("name")}
          />
        )}
      </ApiForm>
    </div>
  );
}
