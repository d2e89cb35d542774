/** The dumps of this site: what it published on each day, as files for anybody. */
import Link from "next/link";
import { date, plural } from "@/app/_components/text/format";
import { Section } from "@/app/_components/text/section";
import type { StoredDump } from "@/lib/server/dumps/read";

/**
 * @param dumps the newest first
 * @param none what to say without any
 */
export function Dumps({ dumps, none }: { dumps: readonly StoredDump[]; none: string }) {
  const [last] = dumps;
  return (
    <Section id="dumps" title="Dumps">
      <p>
        {last ? (
          <>
            The last is of {date(last.date)}, {size(last.bytes)} in {plural(last.files, "file")}, which{" "}
            <a href={last.manifest}>its manifest</a> lists. There {dumps.length === 1 ? "is" : "are"}{" "}
            <a href="/api/v1/dumps">{plural(dumps.length, "dump")}</a>.
          </>
        ) : (
          none
        )}{" "}
        See <Link href="/docs/running#dumps">what a dump is</Link>.
      </p>
    </Section>
  );
}

const size = (bytes: number): string =>
  bytes < 1e6 ? `${Math.ceil(bytes / 1e3)} kB` : `${(bytes / 1e6).toFixed(1)} MB`;
