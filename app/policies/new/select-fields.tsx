"use client";
/** The fields of a selection. */
import { useState } from "react";
import { defaultCandidates } from "@/lib/dmbn/policy";
import { ExpressionInput } from "./expression-input";
import type { FormProps } from "./form-fields";
import { Choice, describeIssue, EstimatorSwitch, expressionOf, issueAt, NumberField } from "./form-fields";
import { More } from "./more";
import { linesOf, offsetInLines, withField } from "./reading";

/** Fields that a way of choosing doesn't use: taking it removes them. */
const unused = {
  "estimation-shift": [],
  loss: ["order", "parameters", "every"],
  accuracy: ["order", "parameters", "every"],
  drift: ["candidates", "granularity", "order", "every", "estimators"],
} as const;

const isWay = (by: unknown): by is keyof typeof unused => typeof by === "string" && Object.hasOwn(unused, by);

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
  const way = isWay(raw.by) ? raw.by : "estimation-shift";
  const byLabels = way === "loss" || way === "accuracy";
  const hidden: readonly string[] = unused[way];
  const by = (
    <Choice
      {...props}
      issue={issue && hidden.includes(issue.field) ? { ...issue, field: "by" } : issue}
      field="by"
      label="β is"
      options={{
        "estimation-shift": "the candidate with the least estimation shift",
        loss: "the candidate with the least loss (uses labels)",
        accuracy: "the candidate with the fewest errors (uses labels)",
        drift: "computed from drift and scatter",
      }}
      dropping={(by) => ["granularity", ...(isWay(by) ? unused[by] : [])]}
    />
  );
  if (way === "drift") {
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
        summary={byLabels ? "Granularity" : "Granularity, order, period"}
        needed={["granularity", "order", "parameters", "every"].some((field) => raw[field] !== undefined)}
      >
        <div className="mt-3 grid gap-3 sm:grid-cols-2">
          <Choice
            {...props}
            field="granularity"
            label="Each choice is for"
            options={
              byLabels ? { layer: "a layer", network: "the whole network" } : { layer: "a layer", channel: "a channel" }
            }
          />
          {!byLabels && (
            <>
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
            </>
          )}
        </div>
      </More>
    </>
  );
}
