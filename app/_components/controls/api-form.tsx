"use client";
/** A form that sends its fields to the API as JSON and shows the issues beside the fields. */
import { useRouter } from "next/navigation";
import type { FormEvent, ReactNode } from "react";
import { useState } from "react";
import type { AnswerOf, ApiProblem, CallOptions, ParamsOf, PathOf } from "@/app/api/client";
import { callApi } from "@/app/api/client";
import { Button } from "./controls";
import { Problem, Refusals } from "./notices";

type Sending = "POST" | "DELETE";

interface ApiFormProps<P extends PathOf<M>, M extends Sending> {
  path: P;
  params?: ParamsOf<P>;
  method?: M;
  /** Sent in addition to the fields. */
  fixed?: Record<string, string>;
  /** Names of list fields: their value is an array of the checked boxes. */
  lists?: readonly string[];
  submit: string;
  kind?: "primary" | "secondary";
  /** Where to navigate with the answer; null stays and refreshes the page's data. */
  onDone?: (answer: AnswerOf<M, P>) => string | null;
  children?: ReactNode;
}

export function ApiForm<P extends PathOf<M>, M extends Sending = "POST">({
  path,
  params,
  method = "POST" as M,
  fixed = {},
  lists = [],
  submit,
  kind = "primary",
  onDone = () => null,
  children,
}: ApiFormProps<P, M>) {
  const router = useRouter();
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<ApiProblem | null>(null);

  const send = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = event.currentTarget;
    const typed = new FormData(form);
    const fields = [...new Set([...lists, ...typed.keys()])].map((name) => [
      name,
      lists.includes(name) ? typed.getAll(name) : typed.get(name),
    ]);
    const body = { ...fixed, ...Object.fromEntries(fields) };
    setBusy(true);
    setProblem(null);
    const result = await callApi(method, path, { params, body } as unknown as CallOptions<M, P>);
    setBusy(false);
    if ("problem" in result) return setProblem(result.problem);
    form.reset();
    const next = onDone(result.answer);
    if (next) router.push(next);
    router.refresh();
  };

  return (
    <form onSubmit={send} className="grid gap-3">
      {children}
      {problem && (
        <Problem title={problem.title}>
          {problem.errors.length > 0 ? <Refusals errors={problem.errors} /> : problem.detail}
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
