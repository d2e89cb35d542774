/** A board without rows: what it waits for, and where to go meanwhile. */
import { ButtonLink } from "@/app/_components/controls/controls";
import { Empty } from "@/app/_components/controls/notices";
import { datasetInfo } from "@/lib/datasets/registry";
import type { Division } from "@/lib/leaderboard";
import { needsGpu } from "@/lib/leaderboard";
import type { BenchmarkInfo } from "@/lib/server/boards/benchmarks";

interface EmptyBoardProps {
  benchmark: BenchmarkInfo;
  division: Division;
  divisionHref: (division: Division) => string;
  /** Whether the benchmark's data set is on this machine. */
  hasData: boolean;
  /** The study's regime of the same recipe; null if there is none. */
  regime: string | null;
}

export function EmptyBoard({ benchmark, division, divisionHref, hasData, regime }: EmptyBoardProps) {
  const { name, slug, downloadBytes } = datasetInfo(benchmark.dataset);
  const elsewhere = (
    <>
      {regime && <ButtonLink href={`/study/${encodeURIComponent(regime)}`}>The study of this recipe</ButtonLink>}
      <ButtonLink href={`/train?benchmark=${benchmark.slug}`} prefetch={false}>
        Train it in this browser
      </ButtonLink>
    </>
  );
  if (division === "open")
    return (
      <Empty
        title="No run of this benchmark ranks yet"
        actions={
          <>
            <ButtonLink href={divisionHref("closed")}>See what the server recomputed</ButtonLink>
            {elsewhere}
          </>
        }
      >
        One run in your browser, with the seed that this board gives, scores every policy at once and fills it.
      </Empty>
    );
  const actions = (
    <>
      <ButtonLink href="/status">What is being recorded</ButtonLink>
      {elsewhere}
      <ButtonLink href={divisionHref("open")}>See runs by users</ButtonLink>
    </>
  );
  if (needsGpu(benchmark.slug))
    return (
      <Empty title="It needs a GPU, and nobody has run it yet" actions={actions}>
        On a processor a run takes days, so a site records it only where <code>DMBENCH_RECORD</code> names it. On a
        machine with a GPU, in the browser or by{" "}
        <code>npm run -s dmbench -- contribute --benchmark {benchmark.slug} --backend webgpu</code>, it would be the
        first.
      </Empty>
    );
  return hasData ? (
    <Empty title="The server has no held-out run of this benchmark yet" actions={actions}>
      It records them in the background, one benchmark after the other: this board fills by itself, unless this site is
      set to leave it out (<code>DMBENCH_RECORD</code>).
    </Empty>
  ) : (
    <Empty title={`The server needs ${name} to record runs of this benchmark`} actions={actions}>
      Fetch it once, {Math.max(1, Math.round(downloadBytes / 1e6))} MB:{" "}
      <code>npm run -s dmbench -- datasets fetch {slug}</code>, or start the site with <code>DMBENCH_DATASETS_DIR</code>{" "}
      naming a folder that has it. The runs are then recorded in the background.
    </Empty>
  );
}
