/** The benchmarks. */
import { z } from "zod";
import { listBenchmarks } from "@/lib/server/boards/benchmarks";
import { sharedBriefly } from "../../caching";
import { endpoint } from "../../endpoint";
import { allowOnly } from "../../other-methods";
import { benchmarkSummarySchema } from "../../schemas/board";

export const dynamic = "force-dynamic";

export const GET = endpoint(
  {
    summary: "The benchmarks",
    detail: "The newest version of each, with how busy its board is.",
    tag: "boards",
    access: "anyone",
    json: z.object({ benchmarks: z.array(benchmarkSummarySchema) }),
    cache: sharedBriefly,
    answers: { 200: "The benchmarks, in the order they were added" },
  },
  async () => ({ benchmarks: await listBenchmarks() }),
);

export const { POST, PUT, PATCH, DELETE, OPTIONS } = allowOnly("GET");
