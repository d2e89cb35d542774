/** A policy's page: its rule, its source, its memory, and its scores on every board. */
import type { Metadata } from "next";
import { headers } from "next/headers";
import { notFound, permanentRedirect } from "next/navigation";
import { cache } from "react";
import { alternates } from "@/app/_components/frame/alternates";
import { benchmarks, bibtex, citedPolicy, embedHref, fitFrame, frameHtml } from "@/lib/leaderboard";
import { layerChoices } from "@/lib/server/boards/choices";
import { policy as findPolicy } from "@/lib/server/policies/read";
import { siteOrigin } from "@/lib/server/site-origin";
import { PolicyView } from "./policy-view";
import { UnreadablePolicy } from "./unreadable-policy";

export const dynamic = "force-dynamic";

const read = cache(async (slug: string) => findPolicy(slug));

export async function generateMetadata({ params }: PageProps<"/policies/[slug]">): Promise<Metadata> {
  const details = await read((await params).slug);
  if (!details) return { title: "Not found" };
  const { name, description, slug } = details;
  const embeddable = `${siteOrigin(await headers())}/policies/${encodeURIComponent(slug)}`;
  return { title: name, description, alternates: alternates({ title: name, embeddable }) };
}

/** The default benchmark for curves. */
const DEFAULT_REFERENCE = "fashion-mnist-mlp";

export default async function PolicyPage({ params, searchParams }: PageProps<"/policies/[slug]">) {
  const { slug } = await params;
  const details = await read(slug);
  if (!details) notFound();
  if (details.slug !== slug) permanentRedirect(`/policies/${details.slug}`);
  if (details.issues.length > 0) return <UnreadablePolicy details={details} />;
  const { on: wanted } = await searchParams;
  const reference =
    benchmarks.find(({ slug }) => slug === wanted) ?? benchmarks.find(({ slug }) => slug === DEFAULT_REFERENCE)!;
  const [choices, requestHeaders] = await Promise.all([layerChoices(details.slug), headers()]);
  const citation = bibtex(citedPolicy(details), siteOrigin(requestHeaders));
  const embed = frameHtml({
    address: siteOrigin(requestHeaders) + embedHref(`/policies/${encodeURIComponent(details.slug)}`),
    title: details.name,
    width: "100%",
    height: fitFrame().height,
  });
  return <PolicyView details={details} choices={choices} reference={reference} citation={citation} embed={embed} />;
}
