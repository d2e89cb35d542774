"use client";
/** Links providers to the account, as further ways to sign in, and removes such links. */
import { signIn } from "next-auth/react";
import { ApiForm } from "@/app/_components/controls/api-form";

interface SignInMethodsProps {
  providers: readonly { id: string; name: string; linked: boolean }[];
  account: string;
}

export function SignInMethods({ providers, account }: SignInMethodsProps) {
  return (
    <div className="flex flex-wrap items-start gap-3">
      {providers.map(({ id, name, linked }) =>
        linked ? (
          <ApiForm
            key={id}
            path="/api/v1/account/providers/{provider}"
            method="DELETE"
            params={{ provider: id }}
            account={account}
            submit={`Remove ${name}`}
            kind="secondary"
          />
        ) : (
          <ApiForm
            key={id}
            path="/api/v1/account/providers/{provider}"
            params={{ provider: id }}
            account={account}
            submit={`Link ${name}`}
            kind="secondary"
            onDone={() => {
              void signIn(id, { callbackUrl: "/settings#sign-in" });
              return null;
            }}
          />
        ),
      )}
    </div>
  );
}
