"use client";
/** The fields of a selection. */
import { useState } from "react";
import { defaultCandidates } from "@/lib/dmbn/policy";
import { ExpressionInput } from "./expression-input";
import type { FormProps } from "./form-fields";
import { Choice, describeIssue, EstimatorSwitch, expressionOf, issueAt, NumberField } from "./form-fields";
import { More } from "./more";
import { linesOf, offsetInLines, withField } from "./reading";

/** Fields that the closed form doesn't use: choosing it removes them. */
const notByDrift = ["candidates", "granularity", "order", "every"];

export function SelectFields(props: FormProps) {
  const { raw, issue, onChange } = props;
  const listed =
    raw.candidates === undefined
      ? [...defaultCandidates]
      : Array.isArray(raw.candidates)
        ? raw.candidates.map(expressionOf)
        : [];
  const [typed, setTyped] = useState("");
  const text = linesOf(typed).join("\n") === listed.join("\n") ? typed : listed.join("\n");
  const match = /^candidates\[(\d+)\]$/.exec(issue?.field ?? "");
  const wrong = match
    ? {
        text: `Line ${Number(match[1]) + 1}: ${describeIssue(issue!)}`,
        position: issue!.position === null ? null : offsetInLines(text, Number(match[1]), issue!.position),
      }
    : issueAt(issue, "candidates");
  const byDrift = raw.by === "drift";
  const by = (
    <Choice
      {...props}
      issue={byDrift && issue && notByDrift.includes(issue.field) ? { ...issue, field: "by" } : issue}
      field="by"
      label="β is"
      options={{
        "estimation-shift": "the candidate with the least estimation shift",
        drift: "computed from drift and scatter",
      }}
      dropping={notByDrift}
    />
  );
  if (byDrift) {
    return (
      <>
        {by}
        <EstimatorSwitch {...props} />
        <Choice
          {...props}
          field="parameters"
          label="Mean and variance"
          options={{ joint: "share a β", separate: "each have their own" }}
        />
      </>
    );
  }
  return (
    <>
      {by}
      <ExpressionInput
        label="Candidates, one a line"
        hint="1 to 64 constants or formulas; from short to long memory, the edges of the grid are told."
        multiline
        rows={4}
        value={text}
        onChange={(value) => {
          setTyped(value);
          onChange(withField(raw, "candidates", linesOf(value)));
        }}
        issue={wrong}
      />
      <EstimatorSwitch {...props} />
      <More
        summary="Granularity, order, period"
        needed={["granularity", "order", "parameters", "every"].some((field) => raw[field] !== undefined)}
      >
        <div className="mt-3 grid gap-3 sm:grid-cols-2">
          <Choice
            {...props}
            field="granularity"
            label="Each choice is for"
            options={{ layer: "a layer", channel: "a channel" }}
          />
          <Choice
            {...props}
            field="order"
            label="A layer is measured behind"
            options={{ sequential: "the choices before it", independent: "expected statistics" }}
          />
          <Choice
            {...props}
            field="parameters"
            label="Mean and variance"
            options={{ joint: "share a choice", separate: "choose apart" }}
          />
          <NumberField
            {...props}
            path={["every"]}
            label="Epochs between choices"
            hint="Empty: once, after the run. A periodic choice is scored while training only."
          />
        </div>
      </More>
    </>
  );
}
