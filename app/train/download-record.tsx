"use client";
/** Buttons that download the records of runs. */
import { Button } from "@/app/_components/controls/controls";
import type { Finished } from "@/app/_components/training/progress";

/** One button per run, which downloads its record as a JSON file. */
export function DownloadRecord({ run }: { run: Finished }) {
  const { benchmark, manifest } = run.record;
  const save = () => {
    const url = URL.createObjectURL(new Blob([JSON.stringify(run.record, null, 2)], { type: "application/json" }));
    const link = Object.assign(document.createElement("a"), {
      href: url,
      download: `${benchmark?.slug ?? manifest.dataset.slug}-${manifest.variant}-seed-${manifest.seed}.json`,
    });
    link.click();
    URL.revokeObjectURL(url);
  };
  return (
    <Button kind="plain" onClick={save}>
      Record as JSON
    </Button>
  );
}
