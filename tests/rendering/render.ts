/** Renders parts of pages to HTML, within a bounded size. */
import type { AppRouterInstance } from "next/dist/shared/lib/app-router-context.shared-runtime";
import { AppRouterContext } from "next/dist/shared/lib/app-router-context.shared-runtime";
import type { ReactNode } from "react";
import { createElement } from "react";
import { renderToStaticMarkup } from "react-dom/server";
import { expect } from "vitest";

/** The largest page, in characters: 64 policies on the 53 batch norms of a ResNet-50 take less. */
const largestPage = 4_000_000;

/** Parts of the pages navigate in a browser: they ask for the router when they are rendered. */
const router = { back() {}, forward() {}, refresh() {}, push() {}, replace() {}, prefetch() {} };

export function render(node: ReactNode): string {
  const html = renderToStaticMarkup(
    createElement(AppRouterContext.Provider, { value: router as unknown as AppRouterInstance }, node),
  );
  expect(html.length).toBeLessThan(largestPage);
  return html;
}
