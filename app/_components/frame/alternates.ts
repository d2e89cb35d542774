/** Links in a page's head: its address, feed, description as Croissant, and how to show it within another site's page. */
import type { Metadata } from "next";

interface Alternates {
  /** Default: the page's path without a query. */
  canonical?: string | undefined;
  /** Path of an Atom feed. */
  feed?: string;
  /** Address of the page with the site's origin, of a board or a policy. */
  embeddable?: string;
  /** Path of the board's description as Croissant. */
  croissant?: string;
  title: string;
}

export function alternates({
  canonical = "./",
  feed,
  embeddable,
  croissant,
  title,
}: Alternates): Metadata["alternates"] & object {
  return {
    canonical,
    types: {
      ...(feed && { "application/atom+xml": [{ url: feed, title }] }),
      ...(croissant && { "application/ld+json": [{ url: croissant, title }] }),
      ...(embeddable && {
        "application/json+oembed": [{ url: `/api/v1/oembed?${new URLSearchParams({ url: embeddable })}`, title }],
      }),
    },
  };
}
