"use client";
/** The editor of a policy: a template to start from, the fields of its kind, the typeset rule, the JSON document. */
import { useRef } from "react";
import { Select } from "@/app/_components/controls/controls";
import { CopyButton } from "@/app/_components/controls/copy-button";
import { policyFragment } from "@/app/_components/momentum/policy-fragment";
import type { MomentumPolicy } from "@/lib/dmbn/policy";
import { policyHash } from "@/lib/dmbn/policy";
import { TypesetRule } from "../typeset-rule";
import { ExpressionInput } from "./expression-input";
import { describeIssue } from "./form-fields";
import { More } from "./more";
import { isKind, PolicyForm } from "./policy-form";
import type { PolicyKind, Reading } from "./reading";
import { write } from "./reading";
import { templates } from "./templates";

interface RuleEditorProps {
  text: string;
  reading: Reading;
  /** The last valid policy; null before the first. */
  drawn: MomentumPolicy | null;
  edit: (text: string) => void;
  /** Replaces the whole text and adds an entry to the browser's history. */
  replaceWith: (text: string) => void;
}

export function RuleEditor({ text, reading, drawn, edit, replaceWith }: RuleEditorProps) {
  const { raw, policy, issue } = reading;
  const byKind = useRef(new Map<PolicyKind, string>());

  const switchKind = (kind: PolicyKind) => {
    if (raw && isKind(raw.kind)) byKind.current.set(raw.kind, text);
    replaceWith(byKind.current.get(kind) ?? write(templates.find(({ document }) => document.kind === kind)!.document));
  };

  const inDocument = issue?.field === "" || !raw ? issue : null;
  return (
    <section aria-labelledby="rule" className="grid content-start gap-3">
      <h2 id="rule" className="sr-only">
        The rule
      </h2>
      <div className="template">
        <Select
          label="Begin from a template"
          value=""
          onChange={({ target }) => replaceWith(write(templates[Number(target.value)]!.document))}
        >
          <option value="" disabled>
            Choose …
          </option>
          {templates.map(({ name, about }, index) => (
            <option key={name} value={index}>
              {name}: {about}
            </option>
          ))}
        </Select>
        <CopyButton text={() => `${location.origin}${location.pathname}${location.search}${policyFragment(text)}`}>
          Copy link to this draft
        </CopyButton>
      </div>
      {raw ? (
        <PolicyForm raw={raw} issue={issue} onChange={edit} onKind={switchKind} />
      ) : (
        <p className="problem">The document below is not valid JSON yet. Fix it there, and its fields come back.</p>
      )}
      {drawn && (
        <div className="live" data-stale={policy === null}>
          <TypesetRule policy={drawn} />
        </div>
      )}
      <More summary="The same policy as a JSON document" needed={inDocument !== null}>
        <div className="mt-2 grid gap-2">
          <ExpressionInput
            label="Document"
            plain
            multiline
            rows={5}
            value={text}
            onChange={edit}
            issue={inDocument && { text: describeIssue(inDocument), position: inDocument.position }}
          />
          {policy && (
            <p className="note">
              SHA-256 of its canonical form <code className="break-all">{policyHash(policy)}</code>
            </p>
          )}
        </div>
      </More>
      {issue && !inDocument && !inForm(issue.field) && (
        <p className="issue" role="alert">
          <code>{issue.field}</code>: {describeIssue(issue)}
        </p>
      )}
    </section>
  );
}

const ownFields = [
  ...["momentum", "varianceMomentum", "by", "candidates", "initial.mean", "initial.variance", "samples"],
  ...["every", "granularity", "order", "parameters", "variance"],
];

/** Whether the form has a field that shows the issue itself. */
const inForm = (path: string): boolean => ownFields.includes(path.replace(/^candidates\[\d+\]$/, "candidates"));
