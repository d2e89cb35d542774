"use client";
/** Changes the password, which ends all other sessions. */
import { useState } from "react";
import { ApiForm } from "@/app/_components/controls/api-form";
import { Field } from "@/app/_components/controls/controls";

export function ChangePassword({ account, tokens }: { account: string; tokens: number }) {
  const [changed, setChanged] = useState(false);
  return (
    <div className="grid max-w-[34rem] gap-3">
      <ApiForm
        path="/api/v1/account/password"
        account={account}
        submit="Change my password"
        kind="secondary"
        onDone={() => {
          setChanged(true);
          return null;
        }}
      >
        {(issueWith) => (
          <>
            <input type="text" autoComplete="username" defaultValue={account} readOnly hidden />
            <Field
              label="Current password"
              name="current"
              type="password"
              autoComplete="current-password"
              required
              maxLength={256}
              issue={issueWith("current")}
            />
            <Field
              label="New password"
              name="password"
              type="password"
              autoComplete="new-password"
              required
              minLength={8}
              maxLength={256}
              hint="At least 8 characters, and not one of the most common. It ends your sessions in all other browsers."
              issue={issueWith("password")}
            />
          </>
        )}
      </ApiForm>
      <p role="status">
        {changed && "Changed. All other sessions have ended."}
        {changed && tokens > 0 && (
          <>
            {" "}
            Your tokens still work: <a href="#tokens">revoke those that you don&rsquo;t know</a>.
          </>
        )}
      </p>
    </div>
  );
}
