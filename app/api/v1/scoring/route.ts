/** The work of scoring: what is in line, what went wrong, which recordings are refused. Asking has this process take part. */
import { scoringLine } from "@/lib/server/queries/scoring";
import { worker } from "@/lib/server/scoring/worker";

export const dynamic = "force-dynamic";

export async function GET(): Promise<Response> {
  const refused = worker().refused();
  return Response.json({ ...(await scoringLine()), refused }, { headers: { "cache-control": "no-store" } });
}
