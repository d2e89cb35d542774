/** Croissant, as the API serves it. */
import type { croissant } from "@/lib/records";

export const croissantMedia = "application/ld+json";

export const croissantResponse = (described: ReturnType<typeof croissant>): Response =>
  new Response(JSON.stringify(described, null, 2), {
    headers: { "content-type": croissantMedia, "cache-control": "no-cache", "x-content-type-options": "nosniff" },
  });
