/** A test example as a picture. */
import { z } from "zod";
import { wholeNumberSchema } from "@/lib/records";
import { testImage } from "@/lib/server/datasets";
import { encodePng } from "@/lib/server/png";
import { endpoint } from "../../../../../endpoint";
import { allowOnly } from "../../../../../other-methods";
import { slugSchema } from "../../../../../parameters";
import { notFound } from "../../../../../problem";

export const GET = endpoint(
  {
    summary: "A test example as a picture",
    detail: "By its place in the test split, from 0. One pixel of the picture is one of the data set.",
    tag: "data",
    access: "anyone",
    params: z.object({ slug: slugSchema, index: wholeNumberSchema(0, 1_000_000) }),
    media: ["image/png"],
    answers: { 200: "The picture" },
    problems: { 404: "No such example, or no copy of the data set here" },
  },
  async ({ params: { slug, index } }) => {
    const picture = await testImage(slug, index);
    if (!picture) return notFound("picture of such an example", "/api/v1/datasets");
    return new Response(encodePng(picture), {
      headers: {
        "content-type": "image/png",
        "cache-control": "public, max-age=604800",
        "x-content-type-options": "nosniff",
      },
    });
  },
);

export const { POST, PUT, PATCH, DELETE, OPTIONS } = allowOnly("GET");
