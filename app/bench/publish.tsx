"use client";
/** Publishes a measurement: what is sent is shown first. Nobody has to sign in, and no name is shown. */
import { useRouter } from "next/navigation";
import { useState } from "react";
import { Button } from "@/app/_components/controls/controls";
import { Problem, Refusals } from "@/app/_components/controls/notices";
import type { ApiProblem } from "@/app/api/client";
import { callApi } from "@/app/api/client";
import type { Measurement } from "@/lib/records";

interface PublishProps {
  /** The same for every attempt, so that a retry stores nothing twice. */
  idempotencyKey: string;
  measurement: Measurement;
  userName: string | null;
}

export function Publish({ idempotencyKey, measurement, userName }: PublishProps) {
  const router = useRouter();
  const [state, setState] = useState<"waiting" | "sending" | "published">("waiting");
  const [problem, setProblem] = useState<ApiProblem | null>(null);
  const publish = async () => {
    setState("sending");
    setProblem(null);
    const result = await callApi("POST", "/api/v1/measurements", {
      body: { idempotencyKey, measurement },
      offline: "The figures stay on this page. Try again when you are online.",
    });
    setState("answer" in result ? "published" : "waiting");
    if ("problem" in result) setProblem(result.problem);
    else router.refresh(); // the table below has it then
  };
  const { browser, browserVersion, system, cores } = measurement;
  return (
    <div className="mt-4 border-t border-line pt-3">
      <h3>{state === "published" ? "Published" : "Publish these figures"}</h3>
      <p className="note" role="status">
        {state === "published"
          ? "They count in the medians below."
          : `Sends the figures above, the adapter and threads, ${browser}${browserVersion === null ? "" : ` ${browserVersion}`}, ${system} and ${cores} cores. ` +
            (userName
              ? `No name is shown; deleting the account of ${userName} deletes them too.`
              : "No name is stored. Sign in first if they shall be deleted with an account.")}
      </p>
      {state !== "published" && (
        <Button kind="primary" className="mt-2" disabled={state === "sending"} onClick={() => void publish()}>
          {state === "sending" ? "Publishing …" : "Publish"}
        </Button>
      )}
      {problem && (
        <div className="mt-3">
          <Problem title={problem.title}>
            {problem.errors.length === 0 && <p>{problem.detail}</p>}
            <Refusals errors={problem.errors} />
          </Problem>
        </div>
      )}
    </div>
  );
}
