/** The API's description, OpenAPI 3.1. */
import { siteOrigin } from "@/lib/server/site-origin";
import { endpoint } from "../../endpoint";
import { endpoints } from "../../endpoints";
import { openApi } from "../../openapi";
import { allowOnly } from "../../other-methods";

export const dynamic = "force-dynamic";

export const GET = endpoint(
  { summary: "The API's description", tag: "data", access: "anyone", answers: { 200: "OpenAPI 3.1" } },
  async ({ request }) => openApi(endpoints, siteOrigin(request.headers)),
);

export const { POST, PUT, PATCH, DELETE, OPTIONS } = allowOnly("GET");
