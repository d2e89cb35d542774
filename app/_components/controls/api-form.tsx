"use client";
/** A form that sends its fields to the API as JSON and shows the issues beside the fields. */
import { useRouter } from "next/navigation";
import type { FormEvent, ReactNode } from "react";
import { useState } from "react";
import type { AnswerOf, ApiProblem, CallOptions, ParamsOf, PathOf } from "@/app/api/client";
import { callApi, isOtherAccount } from "@/app/api/client";
import { Button } from "./controls";
import { Problem, Refusals } from "./notices";

type Sending = "POST" | "DELETE";

interface ApiFormProps<P extends PathOf<M>, M extends Sending> {
  path: P;
  params?: ParamsOf<P>;
  method?: M;
  /** The account that the page shows: nothing is written if another one is signed in. */
  account: string;
  /** Sent in addition to the fields. */
  fixed?: Record<string, string>;
  /** Names of list fields: their value is an array of the checked boxes. */
  lists?: readonly string[];
  submit: string;
  kind?: "primary" | "secondary";
  /** Where to navigate with the answer; null stays and refreshes the page's data. */
  onDone?: (answer: AnswerOf<M, P>) => string | null;
  /** The fields; a function gets the issue with a field, to show it there instead of below the form. */
  children?: ReactNode | ((issueWith: (field: string) => string | undefined) => ReactNode);
}

export function ApiForm<P extends PathOf<M>, M extends Sending = "POST">({
  path,
  params,
  method = "POST" as M,
  account,
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
    const result = await callApi(method, path, { params, body, account } as unknown as CallOptions<M, P>);
    setBusy(false);
    if ("problem" in result) {
      if (isOtherAccount(result.problem)) router.refresh(); // shows who is signed in
      return setProblem(result.problem);
    }
    form.reset();
    const next = onDone(result.answer);
    if (next) router.push(next);
    router.refresh();
  };

  const beside = new Set<string>();
  const issueWith = (field: string) => {
    beside.add(field);
    const issue = problem?.errors.find((error) => error.field === field);
    return issue && `Expected ${issue.expected}, found ${issue.found}. ${issue.remedy}`;
  };
  const fields = typeof children === "function" ? children(issueWith) : children;
  const others = problem?.errors.filter(({ field }) => !beside.has(field)) ?? [];

  return (
    <form onSubmit={send} className="grid gap-3">
      {fields}
      {problem && (
        <Problem title={problem.title}>
          {others.length > 0 ? <Refusals errors={others} /> : problem.errors.length === 0 && problem.detail}
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
