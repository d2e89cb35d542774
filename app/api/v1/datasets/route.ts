/** The data sets, and whether this site has a copy. */
import { listDatasets } from "@/lib/server/datasets";

export const dynamic = "force-dynamic";

export const GET = async (): Promise<Response> => Response.json({ datasets: await listDatasets() }, { headers: { "cache-control": "no-store" } });
