"use client";
/** The fields of a schedule. */
import { Checkbox } from "@/app/_components/controls/controls";
import { ExpressionInput } from "./expression-input";
import type { FormProps } from "./form-fields";
import { EstimatorSwitch, expressionOf, issueAt, NumberField } from "./form-fields";
import { More } from "./more";
import { withField } from "./reading";

export function ScheduleFields(props: FormProps) {
  const { raw, issue, onChange } = props;
  const apart = raw.varianceMomentum !== undefined && raw.varianceMomentum !== null;
  const debias = raw.debias === true;
  return (
    <>
      <ExpressionInput
        label="β, the share of the old average that is kept"
        hint="A formula of step, steps, epoch, layer, batchSize … Letters complete; Ctrl+Space lists all words."
        value={expressionOf(raw.momentum)}
        onChange={(value) => onChange(withField(raw, "momentum", value))}
        issue={issueAt(issue, "momentum")}
      />
      <EstimatorSwitch {...props} />
      <More
        summary="Start, debiasing, another β for the variance"
        needed={["varianceMomentum", "debias", "initial"].some(
          (field) => raw[field] !== undefined && raw[field] !== null,
        )}
      >
        <div className="mt-3 grid gap-3">
          <Checkbox
            label="Another β for the variance"
            checked={apart}
            onChange={({ target }) =>
              onChange(withField(raw, "varianceMomentum", target.checked ? expressionOf(raw.momentum) : undefined))
            }
          />
          {apart && (
            <ExpressionInput
              label="β of the variance"
              value={expressionOf(raw.varianceMomentum)}
              onChange={(value) => onChange(withField(raw, "varianceMomentum", value))}
              issue={issueAt(issue, "varianceMomentum")}
            />
          )}
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
