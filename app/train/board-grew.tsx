"use client";
/** What a published run changed: how many seeds its board has, and whether two methods can now be told apart. */
import { useEffect, useState } from "react";
import { plural } from "@/app/_components/text/format";
import type { AnswerOf } from "@/app/api/client";
import { callApi } from "@/app/api/client";
import { firstRuns, variantLabels } from "@/lib/leaderboard";
import type { RunRecord } from "@/lib/records";

type Comparison = AnswerOf<"GET", "/api/v1/compare">;

/** The two methods that it asks about, where a run has both. */
const headline = ["dmbn", "pytorch-default"] as const;

export function BoardGrew({
  benchmark,
  record,
}: {
  benchmark: NonNullable<RunRecord["benchmark"]>;
  record: RunRecord;
}) {
  const [comparison, setComparison] = useState<Comparison | null>(null);
  const { variant } = record.manifest;
  const asked = headline.every((slug) => record.scores.some(({ policy }) => policy.slug === slug));
  useEffect(() => {
    if (!asked) return;
    const methods = headline.map((slug) => `${variant}/${slug}`).join();
    const query = { benchmark: benchmark.slug, version: String(benchmark.version), division: "open", methods };
    void callApi("GET", "/api/v1/compare", { query }).then(
      (result) => "answer" in result && setComparison(result.answer),
    );
  }, [asked, benchmark, variant]);
  if (!comparison) return null;
  const [pair] = comparison.pairs;
  return pair ? (
    <p className="mt-2" role="status">
      The board has {plural(pair.points.length, "seed")} of {variantLabels[variant]} now. {inWords(pair)}
    </p>
  ) : null;
}

/** Whether DMBN, first of the pair, and PyTorch's default are told apart. */
export function inWords({ points, verdict, seedsNeeded, difference }: Comparison["pairs"][number]): string {
  if (verdict === "better") return "DMBN is told apart from PyTorch’s default: it is better.";
  if (verdict === "worse") return "DMBN is told apart from PyTorch’s default: it is worse.";
  const missing = firstRuns - points.length;
  if (missing > 0) return `${plural(missing, "more seed")}, and its methods are ranked.`;
  if (difference?.low === null || difference === null) return "Its methods are ranked in a moment.";
  return seedsNeeded === null || seedsNeeded <= points.length
    ? "DMBN and PyTorch’s default are not told apart."
    : `DMBN and PyTorch’s default are ${plural(seedsNeeded - points.length, "run")} from being told apart, if their difference stays as it is.`;
}
