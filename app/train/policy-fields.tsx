"use client";
/** The policies that the run scores. */
import { useId } from "react";
import { Button, Checkbox, Choices } from "@/app/_components/controls/controls";
import { Tip } from "@/app/_components/controls/tip";
import type { MemoryBadge } from "@/app/_components/momentum/momentum";
import { MomentumChip } from "@/app/_components/momentum/momentum";
import { Rule } from "@/app/_components/momentum/rule";
import { defaultTrainingPolicies } from "@/lib/leaderboard";
import type { PolicyChoice } from "./choices";
import { FieldIssue } from "./field-issue";

const groups = [
  { kind: "fitted", legend: "Chosen or measured after the run" },
  { kind: "sweep", legend: "Static sweep, from short memory to long" },
  { kind: "published", legend: "Other published rules" },
] as const;

export function PolicyFields({
  chosen,
  issue,
  policies,
  onChange,
}: {
  chosen: readonly string[];
  issue: string | undefined;
  policies: readonly PolicyChoice[];
  onChange: (slugs: string[]) => void;
}) {
  const id = useId();
  const all = policies.map(({ slug }) => slug);
  return (
    <section className="border-t border-line pt-3" aria-labelledby={id}>
      <div className="mb-3 flex flex-wrap items-center gap-x-3 gap-y-1">
        <h2 id={id}>
          Policies to score
          <Tip about="scoring policies">
            <p>All are scored on the same weights. Sixteen cost little more than one: training happens once.</p>
          </Tip>
        </h2>
        <span className="text-ink-3 text-table">
          {chosen.length} of {policies.length}
        </span>
        <Button kind="plain" onClick={() => onChange(all)}>
          All
        </Button>
        <Button kind="plain" onClick={() => onChange([])}>
          None
        </Button>
        <Button kind="plain" onClick={() => onChange([...defaultTrainingPolicies])}>
          Usual
        </Button>
      </div>
      <div className="grid gap-4 md:grid-cols-3 md:gap-5">
        {groups.map(({ kind, legend }) => (
          <Choices key={kind} legend={legend}>
            {policies
              .filter((policy) => policy.kind === kind)
              .map(({ slug, name, rule }) => (
                <Checkbox
                  key={slug}
                  label={name}
                  hint={
                    kind === "sweep" ? (
                      <span className="ms-1">
                        <MomentumChip {...momentumOf(rule)} />
                      </span>
                    ) : (
                      kind === "published" && (
                        <span className="rule">
                          <Rule>{rule}</Rule>
                        </span>
                      )
                    )
                  }
                  checked={chosen.includes(slug)}
                  onChange={({ target }) =>
                    onChange(target.checked ? [...chosen, slug] : chosen.filter((other) => other !== slug))
                  }
                />
              ))}
          </Choices>
        ))}
      </div>
      <FieldIssue id={`${id}-issue`} text={issue} />
    </section>
  );
}

/** A point of the sweep on the ramp: its rule is a constant, or the cumulative average. */
function momentumOf(rule: string): MemoryBadge {
  const constant = Number(rule);
  return Number.isNaN(constant) ? { memory: "cumulative", label: rule } : { memory: constant, label: String(constant) };
}
