"use client";
/** Names and submits a policy; signing in happens in a dialog, so that nothing is lost. */
import { useRouter } from "next/navigation";
import { useState } from "react";
import { Button, ButtonLink, Field } from "@/app/_components/controls/controls";
import { Problem as ProblemNotice, Refusals } from "@/app/_components/controls/notices";
import { SignInDialog } from "@/app/_components/frame/sign-in-dialog";
/** Names and submits a policy; signing in happens in a dialog, so that nothing is lost. */
import { Section } from "@/app/_components/text/section";
import { isOtherAccount } from "@/app/api/client";
import type { MomentumPolicy } from "@/lib/dmbn/policy";
import { resultsLicence } from "@/lib/leaderboard";
import type { Draft } from "./draft";
import type { Outcome, Progress } from "./submission";
import { sendPolicy } from "./submission";

interface SubmitPolicyProps {
  draft: Draft;
  onDraft: (change: Partial<Pick<Draft, "name" | "description" | "reference" | "referenceUrl">>) => void;
  /** Null while the text is not a valid policy. */
  policy: MomentumPolicy | null;
  userName: string | null;
  providers: readonly { id: string; name: string }[];
  onSubmitted: () => void;
}

export function SubmitPolicy({ draft, onDraft, policy, userName, providers, onSubmitted }: SubmitPolicyProps) {
  const router = useRouter();
  const [asking, setAsking] = useState(false);
  const [progress, setProgress] = useState<Progress | null>(null);
  const [outcome, setOutcome] = useState<Outcome | null>(null);
  const { name, description, reference, referenceUrl, forkOf } = draft;
  const problem = outcome && "problem" in outcome ? outcome.problem : null;
  const about = (field: string) => {
    const error = problem?.errors.find((entry) => entry.field === field);
    return error && `Expected ${error.expected}, found ${error.found}. ${error.remedy}`;
  };
  const formFields = ["name", "description", "reference.title", "reference.url"];

  const submit = async (account: string) => {
    setAsking(false);
    setOutcome(null);
    setProgress({ doing: "Sending", fraction: 0 });
    const result = await sendPolicy(
      {
        document: policy,
        name: name.trim(),
        ...(description.trim() && { description: description.trim() }),
        ...((reference.trim() || referenceUrl.trim()) && {
          reference: { title: reference.trim() || referenceUrl.trim(), url: referenceUrl.trim() || null },
        }),
        ...(forkOf && { forkOf: forkOf.slug }),
      },
      account,
      setProgress,
    );
    setProgress(null);
    if ("url" in result && !result.duplicate) {
      onSubmitted();
      router.push(result.url);
      return;
    }
    if ("problem" in result && isOtherAccount(result.problem)) router.refresh(); // shows who is signed in
    if ("problem" in result && result.problem.status === 401) setAsking(true);
    else setOutcome(result);
  };
  const submitOrAsk = () => void (userName ? submit(userName) : setAsking(true));

  return (
    <Section id="submit" title="Submit it" className="border-t border-line pt-4" gap={0}>
      <p className="note">
        The server scores it anew on reference runs whose seeds nobody sees, while you wait, and says where it stands. A
        policy has one page: the same rule again leads to the one that exists.
      </p>
      <form
        className="mt-3 grid max-w-[44rem] gap-3"
        onSubmit={(event) => {
          event.preventDefault();
          submitOrAsk();
        }}
      >
        <Field
          label="Name"
          name="policy-name"
          required
          maxLength={80}
          autoComplete="off"
          hint="As it will stand on the boards; with your name beside it where another policy’s name looks alike."
          value={name}
          onChange={({ target }) => onDraft({ name: target.value })}
          issue={about("name")}
        />
        <Field
          label="Description"
          name="policy-description"
          maxLength={2000}
          autoComplete="off"
          hint="Optional. The idea in a sentence or two."
          value={description}
          onChange={({ target }) => onDraft({ description: target.value })}
          issue={about("description")}
        />
        <div className="grid gap-3 sm:grid-cols-2">
          <Field
            label="Reference"
            name="policy-reference"
            maxLength={300}
            autoComplete="off"
            hint="Optional. The paper or repository that it comes from."
            value={reference}
            onChange={({ target }) => onDraft({ reference: target.value })}
            issue={about("reference.title")}
          />
          <Field
            label="Its address"
            name="policy-reference-url"
            type="url"
            maxLength={2000}
            autoComplete="off"
            hint="Optional. https://…"
            value={referenceUrl}
            onChange={({ target }) => onDraft({ referenceUrl: target.value })}
            issue={about("reference.url")}
          />
        </div>
        <div className="flex flex-wrap items-center gap-3">
          <Button type="submit" kind="primary" disabled={!policy || progress !== null}>
            {progress ? "Scoring …" : userName ? `Submit and score as ${userName}` : "Submit and score"}
          </Button>
          {!progress && (
            <span className="note">
              {policy
                ? `Public under ${resultsLicence.name}, with its scores.`
                : "What is written above is no policy yet."}
            </span>
          )}
          {progress && (
            <div className="grow basis-[12rem]">
              <p className="note" role="status">
                {progress.doing} …
              </p>
              <progress value={progress.fraction} max={1} aria-label="Scoring on the server" />
            </div>
          )}
        </div>
      </form>
      {outcome && "url" in outcome && (
        <div className="mt-3">
          <ProblemNotice
            title="This policy exists already"
            actions={<ButtonLink href={outcome.url}>Go to its page</ButtonLink>}
          >
            The same rule, however it is spelt, has one page with all its scores. Change the rule to submit one of your
            own.
          </ProblemNotice>
        </div>
      )}
      {problem && (
        <div className="mt-3">
          <ProblemNotice title={problem.title} actions={<Button onClick={submitOrAsk}>Try again</Button>}>
            {problem.errors.length === 0 && <p>{problem.detail}</p>}
            <Refusals errors={problem.errors.filter(({ field }) => !formFields.includes(field))} />
          </ProblemNotice>
        </div>
      )}
      <SignInDialog
        open={asking}
        onClose={() => setAsking(false)}
        onSignedIn={submit}
        providers={providers}
        reason="A policy stands under a name. What you wrote stays here meanwhile."
      />
    </Section>
  );
}
