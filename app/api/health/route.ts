/** Whether this process should get requests: for load balancers and supervisors. */
import { z } from "zod";
import { database } from "@/lib/server/database/client";
import { isStopping } from "@/lib/server/http-server";
import { endpoint } from "../endpoint";
import { allowOnly } from "../other-methods";
import { problem } from "../problem";

export const dynamic = "force-dynamic";

export const GET = endpoint(
  {
    summary: "Readiness",
    detail: "200 if the site can answer and its database can be read. Not before it has started, nor while it stops.",
    tag: "data",
    access: "anyone",
    json: z.object({ status: z.literal("ready") }),
    answers: { 200: "Ready" },
    problems: { 503: "It is stopping, or its database can't be reached" },
    cache: "no-store",
  },
  async () => {
    if (isStopping()) return unready("stopping", "The site is stopping: it finishes what it has, and takes no more.");
    try {
      await database().$queryRaw`SELECT 1`;
      return { status: "ready" as const };
    } catch (error) {
      console.error("Readiness:", error);
      return unready("database-unreachable", "The database can't be reached.");
    }
  },
);

const unready = (kind: string, detail: string): Response =>
  problem({ status: 503, kind, title: "Not ready", detail, headers: { "retry-after": "5" } });

export const { POST, PUT, PATCH, DELETE, OPTIONS } = allowOnly("GET");
