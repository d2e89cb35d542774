"use client";
/** Fields of a policy document that its kinds share. */
import { useId, useState } from "react";
import { Choices, Field, Segments, Select } from "@/app/_components/controls/controls";
import { EstimatorTip, estimatorGuide } from "@/app/_components/momentum/estimators";
import type { PolicyIssue, VarianceEstimator } from "@/lib/dmbn/policy";
import type { RawDocument } from "./reading";
import { withField } from "./reading";

export interface FormProps {
  raw: RawDocument;
  issue: PolicyIssue | null;
  onChange: (text: string) => void;
}

const estimators = Object.keys(estimatorGuide) as VarianceEstimator[];

/** The variance that is averaged: at small batches it decides more than β, so it is always in sight. */
export function EstimatorSwitch({ raw, issue, onChange }: FormProps) {
  const name = useId();
  const several = Array.isArray(raw.estimators) ? raw.estimators.map(String) : null;
  const variance = several ? "" : (raw.variance ?? "unbiased");
  const known = estimators.find((estimator) => estimator === variance);
  const wrong = issueAt(issue, "variance") ?? issueAt(issue, "estimators");
  return (
    <Choices legend="Variance that is averaged">
      <div className="flex items-center">
        <Segments
          label="Variance that is averaged"
          name={name}
          options={estimators.map((value) => ({ value, label: value }))}
          value={known ?? ("" as VarianceEstimator)}
          onChange={(value) =>
            onChange(withField({ ...raw, estimators: undefined }, "variance", value === "unbiased" ? undefined : value))
          }
        />
        <EstimatorTip />
      </div>
      {known && <p className="note mt-1">{estimatorGuide[known]}</p>}
      {several && <p className="note mt-1">Each candidate is tried with {several.join(", ")}.</p>}
      {wrong && <p className="issue mt-1">{wrong.text}</p>}
    </Choices>
  );
}

/**
 * @param options the first is the default, which is left out of the document
 * @param dropping fields to remove on a change to a value
 */
export function Choice({
  raw,
  issue,
  onChange,
  field,
  label,
  options,
  dropping = () => [],
}: FormProps & {
  field: string;
  label: string;
  options: Record<string, string>;
  dropping?: (value: string) => readonly string[];
}) {
  const [standard] = Object.keys(options);
  const value = raw[field] ?? standard;
  const known = typeof value === "string" && value in options;
  return (
    <Select
      label={label}
      value={known ? value : ""}
      onChange={({ target }) =>
        onChange(
          withField(
            { ...raw, ...Object.fromEntries(dropping(target.value).map((name) => [name, undefined])) },
            field,
            target.value === standard ? undefined : target.value,
          ),
        )
      }
      issue={issueAt(issue, field)?.text}
    >
      {!known && <option value="">something else</option>}
      {Object.entries(options).map(([option, meaning]) => (
        <option key={option} value={option}>
          {meaning}
        </option>
      ))}
    </Select>
  );
}

/** @param standard default, shown if the document has no value; without it the field is then empty */
export function NumberField({
  raw,
  issue,
  onChange,
  path,
  standard,
  label,
  hint,
}: FormProps & {
  path: readonly [string] | readonly [string, string];
  standard?: number;
  label: string;
  hint?: string;
}) {
  const [field, inner] = path;
  const outer = raw[field];
  const group = inner && typeof outer === "object" && outer !== null ? (outer as RawDocument) : {};
  const value = (inner ? group[inner] : outer) ?? standard ?? null;
  const [typed, setTyped] = useState("");
  const meant = (text: string) =>
    text.trim() === "" ? (standard ?? null) : Number.isNaN(Number(text)) ? text : Number(text);
  const shown =
    meant(typed) === value && (typed !== "" || standard === undefined) ? typed : value === null ? "" : String(value);
  return (
    <Field
      label={label}
      hint={hint}
      inputMode="decimal"
      autoComplete="off"
      value={shown}
      onChange={({ target }) => {
        setTyped(target.value);
        const next = meant(target.value);
        onChange(
          withField(raw, field, inner ? { mean: 0, variance: 1, ...group, [inner]: next } : (next ?? undefined)),
        );
      }}
      issue={issueAt(issue, path.join("."))?.text}
    />
  );
}

/** "Expected a number, found “,”. Remedy." */
export const describeIssue = ({ expected, found, remedy, position, field }: PolicyIssue): string =>
  `${position !== null && field ? `Character ${position + 1}: expected` : "Expected"} ${expected}, found ` +
  `${found}. ${remedy}`;

export function issueAt(issue: PolicyIssue | null, field: string) {
  return issue?.field === field ? { text: describeIssue(issue), position: issue.position } : null;
}

export const expressionOf = (value: unknown): string =>
  typeof value === "string" || typeof value === "number" ? String(value) : "";
