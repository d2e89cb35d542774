"use client";
/** Creates a personal token and shows its secret once. */
import { useState } from "react";
import { ApiForm } from "@/app/_components/controls/api-form";
import { Checkbox, Choices, Field } from "@/app/_components/controls/controls";
import { scopes } from "@/lib/leaderboard";

export function NewToken({ account }: { account: string }) {
  const [secret, setSecret] = useState<string | null>(null);
  return (
    <div className="grid max-w-[34rem] gap-3">
      <ApiForm
        path="/api/v1/tokens"
        account={account}
        lists={["scopes"]}
        submit="Make token"
        onDone={({ token }) => {
          setSecret(token);
          return null;
        }}
      >
        <Field
          label="Name"
          name="name"
          required
          maxLength={64}
          hint="Where you will keep it: laptop, cluster …"
          autoComplete="off"
        />
        <Choices legend="It may">
          {Object.entries(scopes).map(([scope, may]) => (
            <Checkbox key={scope} name="scopes" value={scope} defaultChecked={scope === "read"} label={may} />
          ))}
        </Choices>
      </ApiForm>
      <div role="status">
        {secret && (
          <div className="problem">
            <p className="font-semibold">Copy it now: it is not shown again.</p>
            <p className="mt-1">
              <code style={{ overflowWrap: "anywhere" }}>{secret}</code>
            </p>
          </div>
        )}
      </div>
    </div>
  );
}
