"use client";
/** A form that sends its fields to the API as JSON, and says which field was refused and how to mend it. */
import { useRouter } from "next/navigation";
import type { FormEvent, ReactNode } from "react";
import { useState } from "react";
import type { Issue } from "@/lib/records";
import { Button } from "./controls";
import { Problem, Refusals } from "./notices";

interface ApiFormProps {
  action: string;
  method?: "POST" | "DELETE";
  /** Sent along. */
  fixed?: Record<string, string>;
  /** Names of fields that are lists: every ticked box of the name. */
  lists?: readonly string[];
  submit: string;
  kind?: "primary" | "secondary";
  /** Where to go with the answer's JSON; null stays, with the page's data made new. */
  onDone?: (answer: Record<string, unknown>) => string | null;
  children?: ReactNode;
}

interface Told {
  title?: string;
  detail?: string;
  errors?: Issue[];
}

export function ApiForm({
  action,
  method = "POST",
  fixed = {},
  lists = [],
  submit,
  kind = "primary",
  onDone = () => null,
  children,
}: ApiFormProps) {
  const router = useRouter();
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Told | null>(null);

  const send = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = event.currentTarget;
    const given = new FormData(form);
    const fields = [...new Set(given.keys())].map((name) => [
      name,
      lists.includes(name) ? given.getAll(name) : given.get(name),
    ]);
    const body = { ...fixed, ...Object.fromEntries(lists.map((name) => [name, []])), ...Object.fromEntries(fields) };
    setBusy(true);
    setProblem(null);
    try {
      const response = await fetch(action, {
        method,
        ...(Object.keys(body).length > 0 && {
          headers: { "content-type": "application/json" },
          body: JSON.stringify(body),
        }),
      });
      const answer =
        response.status === 204 ? {} : ((await response.json().catch(() => ({}))) as Record<string, unknown>);
      if (!response.ok) return setProblem(answer);
      form.reset();
      const next = onDone(answer);
      if (next) router.push(next);
      router.refresh();
    } catch {
      setProblem({
        title: "The server can’t be reached",
        detail: "Nothing was changed. Try again when you are online.",
      });
    } finally {
      setBusy(false);
    }
  };

  return (
    <form onSubmit={send} className="grid gap-3">
      {children}
      {problem && (
        <Problem title={problem.title ?? "That failed"}>
          {problem.errors?.length ? <Refusals errors={problem.errors} /> : problem.detail}
        </Problem>
      )}
      <div>
        <Button type="submit" kind={kind} disabled={busy} className="needs-script">
          {busy ? "One moment …" : submit}
        </Button>
        <noscript>
          <p className="note">This form needs scripts; the API does the same without: see /docs/api.</p>
        </noscript>
      </div>
    </form>
  );
}
