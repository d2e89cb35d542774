/** The work of scoring: what is in line, what went wrong. POST sees to it that this process takes part. */
import { scoringLine } from "@/lib/server/queries/scoring";
import { worker } from "@/lib/server/scoring/worker";

export const dynamic = "force-dynamic";

const answer = async (): Promise<Response> => Response.json(await scoringLine(), { headers: { "cache-control": "no-store" } });

export const GET = answer;

export async function POST(): Promise<Response> {
  worker();
  return answer();
}
