/** What the server trained again of what people published. */
import { count, duration, plural } from "@/app/_components/text/format";
import { Section } from "@/app/_components/text/section";
import type { AuditState } from "@/lib/server/audits/read";

export function Audits({ waiting, outcomes, seconds }: AuditState) {
  const done = Object.values(outcomes).reduce((sum, one) => sum + one, 0);
  const passed = outcomes.same + outcomes.within + outcomes.alike;
  return (
    <Section id="audits" title="Runs trained again">
      <p>
        {done === 0
          ? "No published run was trained again yet."
          : `${plural(done, "published run")} trained again: ${count(passed)} came out as published, ${count(outcomes.differs)} differ and don’t rank` +
            `${outcomes.unknown > 0 ? `, ${count(outcomes.unknown)} can’t be told, and don’t rank` : ""}.`}{" "}
        {waiting > 0 && `${plural(waiting, "run")} ${waiting === 1 ? "waits" : "wait"}. `}
        {seconds.aDay === 0
          ? "This site trains none again (DMBENCH_AUDIT_SECONDS)."
          : `Today that took ${duration(seconds.today)} of the ${duration(seconds.aDay)} that a day may have.`}
      </p>
    </Section>
  );
}
