/** Links in a page's head: its canonical address, its feed, and how to show it within a page of another site. */
import type { Metadata } from "next";

interface Alternates {
  /** Default: the page's path without a query. */
  canonical?: string | undefined;
  /** Path of an Atom feed. */
  feed?: string;
  /** Address of the page with the site's origin, of a board or a policy. */
  embeddable?: string;
  title: string;
}

export function alternates({ canonical = "./", feed, embeddable, title }: Alternates): Metadata["alternates"] & object {
  return {
    canonical,
    types: {
      ...(feed && { "application/atom+xml": [{ url: feed, title }] }),
      ...(embeddable && {
        "application/json+oembed": [{ url: `/api/v1/oembed?${new URLSearchParams({ url: embeddable })}`, title }],
      }),
    },
  };
}
