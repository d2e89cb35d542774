/** The momentum policies. */
import { listPolicies } from "@/lib/server/queries/policies";

export const dynamic = "force-dynamic";

export const GET = async (): Promise<Response> => Response.json({ policies: await listPolicies() });
