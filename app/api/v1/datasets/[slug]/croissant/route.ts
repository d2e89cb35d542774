/** A data set, described for data set searches and loaders. */
import { z } from "zod";
import { datasetCroissant, datasets } from "@/lib/datasets";
import { siteOrigin } from "@/lib/server/site-origin";
import { croissantMedia, croissantResponse } from "../../../../croissant";
import { endpoint } from "../../../../endpoint";
import { allowOnly } from "../../../../other-methods";
import { slugSchema } from "../../../../parameters";
import { notFound } from "../../../../problem";

export const GET = endpoint(
  {
    summary: "A data set as Croissant",
    detail:
      "JSON-LD of Croissant 1.1: whose it is, its licence, its files at their publisher’s with checksums, its classes.",
    tag: "data",
    access: "anyone",
    params: z.object({ slug: slugSchema }),
    media: [croissantMedia],
    answers: { 200: "The description" },
    problems: { 404: "No data set of this name" },
  },
  async ({ request, params: { slug } }) => {
    const info = datasets.find((known) => known.slug === slug);
    if (!info) return notFound("data set of this name", "/api/v1/datasets");
    return croissantResponse(datasetCroissant(info, siteOrigin(request.headers)));
  },
);

export const { POST, PUT, PATCH, DELETE, OPTIONS } = allowOnly("GET");
