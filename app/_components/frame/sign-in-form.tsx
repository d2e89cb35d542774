"use client";
/** Sign in or create an account: name and password, and the other providers that this site has configured. */
import { useRouter } from "next/navigation";
import { getSession, signIn } from "next-auth/react";
import type { FormEvent } from "react";
import { useEffect, useState } from "react";
import { callApi } from "@/app/api/client";
import { Button, Field, Segments } from "../controls/controls";
import { Problem } from "../controls/notices";

type Mode = "sign-in" | "sign-up";

const modes = [
  { value: "sign-in", label: "I have an account" },
  { value: "sign-up", label: "New account" },
] as const satisfies readonly { value: Mode; label: string }[];

interface SignInFormProps {
  /** Configured providers, besides the local account. */
  providers: readonly { id: string; name: string }[];
  /** Where to navigate after signing in. */
  callbackUrl?: string;
  /** Called with the account's name after signing in, instead of navigating; other providers then open in a new tab. */
  onSignedIn?: (name: string) => void;
  /** The error of another provider, if the visitor was redirected back from one. */
  failed?: string | null;
}

/** An issue with one of the form's fields, or with the whole attempt where `field` is none of them. */
interface IssueText {
  field: string;
  text: string;
}

export function SignInForm({ providers, callbackUrl = "/", onSignedIn, failed = null }: SignInFormProps) {
  const router = useRouter();
  const [mode, setMode] = useState<Mode>("sign-in");
  const [busy, setBusy] = useState(false);
  const [issue, setIssue] = useState<IssueText | null>(failed ? { field: "", text: failed } : null);
  const about = (field: string) => (issue?.field === field ? issue.text : undefined);

  const done = (name: string) => {
    if (onSignedIn) onSignedIn(name);
    else router.replace(callbackUrl);
    router.refresh();
  };

  // After signing in through another tab: noticed when the visitor returns to this one.
  useEffect(() => {
    if (!onSignedIn || providers.length === 0) return;
    const look = async () => {
      const name = (await getSession())?.user?.name;
      if (name) onSignedIn(name);
    };
    addEventListener("focus", look);
    return () => removeEventListener("focus", look);
  }, [onSignedIn, providers.length]);

  const submit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const fields = new FormData(event.currentTarget);
    const name = String(fields.get("name"));
    const password = String(fields.get("password"));
    setBusy(true);
    setIssue(null);
    try {
      const refused = mode === "sign-up" ? await makeAccount(name, password) : null;
      if (refused) return setIssue(refused);
      const result = await signIn("credentials", { name, password, redirect: false });
      if (result?.ok) return done(name.trim().toLowerCase());
      const [, wait] = /^TooManyAttempts (\d+)$/.exec(result?.error ?? "") ?? [];
      if (wait)
        return setIssue({ field: "password", text: `Too many attempts. Wait ${wait} seconds, then try again.` });
      setIssue({
        field: "password",
        text: "No account has this name and password. Check both, or make a new account.",
      });
    } catch {
      setIssue({
        field: "",
        text: "The server can’t be reached. Nothing was changed; try again when you are online.",
      });
    } finally {
      setBusy(false);
    }
  };

  return (
    <div className="grid gap-3">
      <div>
        <Segments
          label="Account"
          name="mode"
          options={modes}
          value={mode}
          onChange={(next) => {
            setMode(next);
            setIssue(null);
          }}
        />
      </div>
      {issue && !["name", "password"].includes(issue.field) && (
        <Problem title="Signing in failed">{issue.text}</Problem>
      )}
      <form onSubmit={submit} className="grid gap-3">
        <Field
          label="Name"
          name="name"
          autoComplete="username"
          autoCapitalize="none"
          spellCheck={false}
          required
          hint={mode === "sign-up" ? "Public. 2 to 32 letters, digits, hyphens or underscores." : undefined}
          issue={about("name")}
        />
        <Field
          label="Password"
          name="password"
          type="password"
          autoComplete={mode === "sign-up" ? "new-password" : "current-password"}
          required
          minLength={mode === "sign-up" ? 8 : undefined}
          maxLength={256}
          hint={
            mode === "sign-up"
              ? "At least 8 characters, and not one of the most common. Kept as an scrypt hash only: only a maintainer " +
                "of this site can reset a lost one."
              : "Lost it? Only a maintainer of this site can reset it."
          }
          issue={about("password")}
        />
        <div>
          <Button type="submit" kind="primary" disabled={busy}>
            {busy ? "One moment …" : mode === "sign-up" ? "Make account and sign in" : "Sign in"}
          </Button>
        </div>
      </form>
      {providers.length > 0 && (
        <div className="grid justify-items-start gap-2 border-t border-line pt-3">
          {providers.map(({ id, name }) =>
            onSignedIn ? (
              <a key={id} className="button" href="/signin" target="_blank" rel="noopener">
                Continue with {name} in a new tab
              </a>
            ) : (
              <Button key={id} onClick={() => signIn(id, { callbackUrl })}>
                Continue with {name}
              </Button>
            ),
          )}
        </div>
      )}
    </div>
  );
}

/** Null if the account was created, otherwise the server's issue. */
async function makeAccount(name: string, password: string): Promise<IssueText | null> {
  const result = await callApi("POST", "/api/v1/account", { body: { name, password } });
  if ("answer" in result) return null;
  const {
    status,
    title,
    detail,
    errors: [issue],
  } = result.problem;
  if (issue) return { field: issue.field, text: `Expected ${issue.expected}. ${issue.remedy}` };
  return { field: "", text: status === 0 ? `${title}. ${detail}` : detail };
}
