/** An explanation behind a small question mark: a native popover, so it works without JavaScript. */
import type { ReactNode } from "react";
import { useId } from "react";
import type { MetricName } from "@/lib/records";
import { metricGuide } from "../text/metric-guide";

/** @param about what it explains, for the button's accessible name */
export function Tip({ about, children }: { about: string; children: ReactNode }) {
  const id = `tip-${useId().replace(/[^\w-]/g, "")}`;
  return (
    <>
      <button type="button" className="tip-button" popoverTarget={id} aria-label={`About ${about}`}>
        <span aria-hidden="true">?</span>
      </button>
      <div id={id} popover="auto" className="tip">
        {children}
      </div>
    </>
  );
}

/** What a metric rewards and how it misleads. */
export function MetricTip({ metric }: { metric: MetricName }) {
  const guide = metricGuide[metric];
  return (
    <Tip about={guide.name.toLowerCase()}>
      <p>
        <strong className="font-semibold">{guide.name}</strong>, {guide.better} is better. {guide.definition}
      </p>
      <p>Rewards: {guide.rewards}</p>
      <p>Misleads: {guide.misleads}</p>
    </Tip>
  );
}
