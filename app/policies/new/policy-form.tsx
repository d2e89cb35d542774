"use client";
/** The fields of a policy document: a view of its JSON, which they rewrite. */
import { useId, useState } from "react";
import { Checkbox, Field, Segments, Select } from "@/app/_components/controls/controls";
import { defaultCandidates } from "@/lib/dmbn/policy";
import { ExpressionInput } from "./expression-input";
import { More } from "./more";
import type { Complaint, PolicyKind, RawDocument } from "./reading";
import { linesOf, offsetInLines, withField } from "./reading";

interface FormProps {
  raw: RawDocument;
  complaint: Complaint | null;
  onChange: (text: string) => void;
}

const kinds = [
  { value: "schedule", label: "Schedule" },
  { value: "select", label: "Select" },
  { value: "recalibrate", label: "Recalibrate" },
] as const satisfies readonly { value: PolicyKind; label: string }[];

const kindWords: Record<PolicyKind, string> = {
  schedule: "β follows a formula over the steps of a run.",
  select: "Each layer gets a β of its own, by what the run itself shows.",
  recalibrate: "No average is kept: mean and variance are measured anew on calibration examples.",
};

export const isKind = (value: unknown): value is PolicyKind => kinds.some((kind) => kind.value === value);

/** @param onKind another kind was chosen */
export function PolicyForm({ raw, complaint, onChange, onKind }: FormProps & { onKind: (kind: PolicyKind) => void }) {
  const { kind } = raw;
  const name = useId();
  return (
    <div className="grid gap-3">
      <div className="grid gap-1">
        <div>
          <Segments
            label="Kind of policy"
            name={name}
            options={kinds}
            value={isKind(kind) ? kind : ("" as PolicyKind)}
            onChange={onKind}
          />
        </div>
        <p className="note">
          {isKind(kind) ? kindWords[kind] : "The document names no kind of policy: choose one, or write it below."}
        </p>
      </div>
      {kind === "schedule" && <ScheduleFields raw={raw} complaint={complaint} onChange={onChange} />}
      {kind === "select" && <SelectFields raw={raw} complaint={complaint} onChange={onChange} />}
      {kind === "recalibrate" && (
        <NumberField
          raw={raw}
          complaint={complaint}
          onChange={onChange}
          path={["samples"]}
          label="Calibration examples"
          hint="Leave empty for the whole calibration split."
        />
      )}
    </div>
  );
}

function ScheduleFields(props: FormProps) {
  const { raw, complaint, onChange } = props;
  const apart = raw["varianceMomentum"] !== undefined && raw["varianceMomentum"] !== null;
  const debias = raw["debias"] === true;
  return (
    <>
      <ExpressionInput
        label="β, the share of the old average that is kept"
        hint="A formula of step, steps, epoch, layer, batchSize … Letters complete; Ctrl+Space lists all words."
        value={expressionOf(raw["momentum"])}
        onChange={(value) => onChange(withField(raw, "momentum", value))}
        complaint={about(complaint, "momentum")}
      />
      <More
        summary="Variance, start, debiasing"
        needed={["varianceMomentum", "debias", "variance", "initial"].some(
          (field) => raw[field] !== undefined && raw[field] !== null,
        )}
      >
        <div className="mt-3 grid gap-3">
          <Checkbox
            label="Another β for the variance"
            checked={apart}
            onChange={({ target }) =>
              onChange(withField(raw, "varianceMomentum", target.checked ? expressionOf(raw["momentum"]) : undefined))
            }
          />
          {apart && (
            <ExpressionInput
              label="β of the variance"
              value={expressionOf(raw["varianceMomentum"])}
              onChange={(value) => onChange(withField(raw, "varianceMomentum", value))}
              complaint={about(complaint, "varianceMomentum")}
            />
          )}
          <VarianceSelect {...props} />
          <Checkbox
            label="Debias"
            hint="start from zeros and divide by 1 − ∏β, as Sonnet and Caffe do"
            checked={debias}
            onChange={({ target }) =>
              onChange(
                withField(target.checked ? { ...raw, initial: undefined } : raw, "debias", target.checked || undefined),
              )
            }
          />
          {!debias && (
            <div className="grid gap-3 sm:grid-cols-2">
              <NumberField {...props} path={["initial", "mean"]} standard={0} label="Mean at the start" />
              <NumberField {...props} path={["initial", "variance"]} standard={1} label="Variance at the start" />
            </div>
          )}
        </div>
      </More>
    </>
  );
}

/** Fields that the closed form has no use for: they go where it is chosen. */
const notByDrift = ["candidates", "granularity", "order", "every"];

function SelectFields(props: FormProps) {
  const { raw, complaint, onChange } = props;
  const listed =
    raw["candidates"] === undefined
      ? [...defaultCandidates]
      : Array.isArray(raw["candidates"])
        ? raw["candidates"].map(expressionOf)
        : [];
  const [typed, setTyped] = useState("");
  const text = linesOf(typed).join("\n") === listed.join("\n") ? typed : listed.join("\n");
  const at = /^candidates\[(\d+)\]$/.exec(complaint?.path ?? "");
  const wrong = at
    ? {
        text: `Line ${Number(at[1]) + 1}: ${words(complaint!)}`,
        position: complaint!.position === null ? null : offsetInLines(text, Number(at[1]), complaint!.position),
      }
    : about(complaint, "candidates");
  const byDrift = raw["by"] === "drift";
  const by = (
    <Choice
      {...props}
      complaint={byDrift && complaint && notByDrift.includes(complaint.path) ? { ...complaint, path: "by" } : complaint}
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
        <div className="grid gap-3 sm:grid-cols-2">
          <Choice
            {...props}
            field="parameters"
            label="Mean and variance"
            options={{ joint: "share a β", separate: "each have their own" }}
          />
          <VarianceSelect {...props} />
        </div>
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
        complaint={wrong}
      />
      <More
        summary="Granularity, order, variance, period"
        needed={["granularity", "order", "parameters", "variance", "every"].some((field) => raw[field] !== undefined)}
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
          <VarianceSelect {...props} />
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

function VarianceSelect(props: FormProps) {
  return (
    <Choice
      {...props}
      field="variance"
      label="Variance that is averaged"
      options={{ unbiased: "unbiased (PyTorch)", biased: "biased (Keras)", total: "total, with the spread of means" }}
    />
  );
}

/**
 * @param options the first is the default, which needs no field
 * @param dropping fields that go with a change
 */
function Choice({
  raw,
  complaint,
  onChange,
  field,
  label,
  options,
  dropping = [],
}: FormProps & { field: string; label: string; options: Record<string, string>; dropping?: readonly string[] }) {
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
            { ...raw, ...Object.fromEntries(dropping.map((name) => [name, undefined])) },
            field,
            target.value === standard ? undefined : target.value,
          ),
        )
      }
      complaint={about(complaint, field)?.text}
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

/** @param standard what holds, and is shown, where the document is silent; without one, empty means so */
function NumberField({
  raw,
  complaint,
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
      complaint={about(complaint, path.join("."))?.text}
    />
  );
}

/** "Expected a number, found “,”. Remedy." */
export const words = ({ expected, found, remedy, position, path }: Complaint): string =>
  `${position !== null && path ? `Character ${position + 1}: expected` : "Expected"} ${expected}, found ${found}. ${remedy}`;

function about(complaint: Complaint | null, path: string) {
  return complaint?.path === path ? { text: words(complaint), position: complaint.position } : null;
}

const expressionOf = (value: unknown): string =>
  typeof value === "string" || typeof value === "number" ? String(value) : "";
