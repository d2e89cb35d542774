/** The line on every page of a mirror: whose boards these are, of when, and where to publish. */
import { date } from "../text/format";

export function MirrorLine({ site, asOf }: { site: string; asOf: Date | null }) {
  return (
    <aside className="mirror-line" aria-label="Mirror">
      {asOf
        ? `A read-only mirror of ${new URL(site).host}, as of ${date(asOf)}. `
        : `A read-only mirror of ${new URL(site).host}, which is still to be fetched. `}
      <a href={site}>Publish there</a>
    </aside>
  );
}
