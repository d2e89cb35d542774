/** A policy's rule, typeset from its document, with an explanation of each formula and its letters. */
import { Equation } from "@/app/_components/momentum/equation";
import type { MomentumPolicy, VariableName } from "@/lib/dmbn/policy";
import { describeRecalibration, expressionToMath, usesLabels, variablesOf } from "@/lib/dmbn/policy";

const letters: Record<VariableName, [letter: string, meaning: string]> = {
  step: ["t", "step from 1"],
  steps: ["T", "steps of the run"],
  epoch: ["e", "epoch from 0"],
  epochs: ["E", "epochs"],
  layer: ["ℓ", "layer from 0"],
  layers: ["L", "layers"],
  channels: ["C", "channels"],
  batchSize: ["B", "batch size"],
  learningRate: ["η", "learning rate"],
};

const costWords = {
  "estimation-shift": "least estimation shift",
  loss: "least loss on labelled calibration examples",
  accuracy: "fewest errors on labelled calibration examples",
} as const;

export function TypesetRule({ policy }: { policy: MomentumPolicy }) {
  switch (policy.kind) {
    case "schedule":
      return (
        <>
          <Formula expression={policy.momentum} subscript={policy.varianceMomentum === null ? null : "μ"} />
          {policy.varianceMomentum !== null && <Formula expression={policy.varianceMomentum} subscript="σ²" />}
          <Letters
            expressions={[policy.momentum, ...(policy.varianceMomentum === null ? [] : [policy.varianceMomentum])]}
          />
        </>
      );
    case "select":
      if (policy.by === "drift") {
        return (
          <Equation
            words={
              "one minus beta of layer l is the cube root of four times its squared drift over the variance of its " +
              "batches"
            }
          >
            1 − <var>β</var>
            <sub>ℓ</sub> = ∛(4<var>ρ</var>
            <sub>ℓ</sub>² / <var>s</var>
            <sub>ℓ</sub>²){policy.parameters === "separate" && ", mean and variance apart"}
          </Equation>
        );
      }
      return (
        <Equation words={`beta of each ${policy.granularity} is the candidate with the ${costWords[policy.by]}`}>
          <var>β</var>
          {policy.granularity !== "network" && <sub>{policy.granularity === "channel" ? "ℓ, channel" : "ℓ"}</sub>} =
          argmin {usesLabels(policy) ? (policy.by === "loss" ? "loss" : "errors") : "ESM"}
          {policy.granularity === "network" ? null : <sub>ℓ</sub>}
          {policy.granularity === "network"
            ? ", one for all layers"
            : policy.order === "sequential"
              ? ", layer after layer"
              : ", behind expected statistics"}
          {usesLabels(policy) && ", uses labels"}
          {policy.parameters === "separate" && ", mean and variance apart"}
          {policy.every !== null && `, anew every ${policy.every === 1 ? "epoch" : `${policy.every} epochs`}`}
        </Equation>
      );
    case "recalibrate":
      return (
        <Equation words="mean and variance are measured on calibration examples">
          <var>μ</var>, <var>σ</var>² measured {describeRecalibration(policy)}
        </Equation>
      );
  }
}

function Formula({ expression, subscript }: { expression: string; subscript: string | null }) {
  return (
    <div
      className="equation formula"
      role="math"
      aria-label={`beta${subscript ? ` of the ${subscript === "μ" ? "mean" : "variance"}` : ""} is ${expression}`}
    >
      <span className="whitespace-nowrap">
        <var>β</var>
        {subscript && <sub>{subscript}</sub>} =&nbsp;
      </span>
      {/* Made from the parsed tree: only the language's own words and numbers, comparison signs as entities. */}
      <span dangerouslySetInnerHTML={{ __html: expressionToMath(expression) }} />
    </div>
  );
}

function Letters({ expressions }: { expressions: readonly string[] }) {
  const used = [...new Set(expressions.flatMap((expression) => [...variablesOf(expression)]))];
  return (
    <p className="note mt-1">
      {used.map((name, index) => (
        <span key={name}>
          {index > 0 && ", "}
          <var>{letters[name][0]}</var> {letters[name][1]}
        </span>
      ))}
      {used.length > 0 && ". "}β weighs the old average.
    </p>
  );
}
