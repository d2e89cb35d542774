/** The root layout: fonts, theme, header with sign-in state, footer. */
import type { Metadata, Viewport } from "next";
import { cookies, headers } from "next/headers";
import type { ReactNode } from "react";
import { fontVariables } from "@/app/_components/frame/fonts";
import { MirrorLine } from "@/app/_components/frame/mirror-line";
import { SiteFooter } from "@/app/_components/frame/site-footer";
import { SiteHeader } from "@/app/_components/frame/site-header";
import { parseTheme, themeCookie } from "@/app/_components/frame/theme";
import { mirrored } from "@/lib/server/dumps/mirror";
import { unreadNotices } from "@/lib/server/notices/read";
import { currentUser } from "@/lib/server/people/auth";
import { siteOrigin } from "@/lib/server/site-origin";
import "./globals.css";

const described: Metadata = {
  title: { default: "DMBench: which running average should batch norm keep?", template: "%s · DMBench" },
  description:
    "An open benchmark for batch-normalization momentum. Train in your browser; one run scores every momentum " +
    "policy on identical weights.",
};

/** Metadata with this site's public URL as the base of links; a page's canonical address is its path without a query. */
export async function generateMetadata(): Promise<Metadata> {
  return {
    ...described,
    metadataBase: new URL(siteOrigin(await headers())),
    alternates: { canonical: "./" },
    openGraph: { siteName: "DMBench", type: "website" },
    twitter: { card: "summary_large_image" },
  };
}

export const viewport: Viewport = {
  themeColor: [
    { media: "(prefers-color-scheme: light)", color: "#fbfaf8" },
    { media: "(prefers-color-scheme: dark)", color: "#101316" },
  ],
};

export default async function RootLayout({ children }: { children: ReactNode }) {
  const [jar, user, mirror] = await Promise.all([cookies(), currentUser(), mirrored()]);
  const unread = user ? await unreadNotices(user.id) : 0;
  const theme = parseTheme(jar.get(themeCookie)?.value);
  return (
    <html lang="en" data-theme={theme} className={fontVariables}>
      <body>
        <a href="#main" className="skip-link">
          Skip to content
        </a>
        <SiteHeader userName={user?.name ?? null} unread={unread} theme={theme} />
        {mirror && <MirrorLine {...mirror} />}
        <main id="main" tabIndex={-1} className="page">
          {children}
        </main>
        <SiteFooter />
      </body>
    </html>
  );
}
