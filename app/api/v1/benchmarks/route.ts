/** The benchmarks. */
import { listBenchmarks } from "@/lib/server/queries/benchmarks";

export const dynamic = "force-dynamic";

export const GET = async (): Promise<Response> => Response.json({ benchmarks: await listBenchmarks() });
