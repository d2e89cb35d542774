"use client";
/** A button that hands over the record of a run as a JSON file. */
import { Button } from "@/app/_components/controls/controls";
import type { Finished } from "./progress";

/** A button that hands over the record of each run as a JSON file. */
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
