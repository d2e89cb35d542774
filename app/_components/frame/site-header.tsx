/** The header of every page: name, navigation, theme, and who is signed in. */
import Link from "next/link";
import { CommandPalette } from "./command-palette";
import { NavLink } from "./nav-link";
import { SignOut } from "./sign-out";
import type { Theme } from "./theme";
import { ThemeSwitch } from "./theme-switch";
import { TrainingStatus } from "./training-status";

export function SiteHeader({
  userName,
  unread,
  theme,
}: {
  userName: string | null;
  /** Notices that the user hasn't read. */
  unread: number;
  theme: Theme;
}) {
  return (
    <header className="site-header">
      <Link href="/" className="site-name">
        DMBench
      </Link>
      <nav className="site-nav" aria-label="Site">
        <NavLink href="/train">Train</NavLink>
        <NavLink href="/leaderboard">Leaderboard</NavLink>
        <NavLink href="/policies">Policies</NavLink>
        <NavLink href="/study">Study</NavLink>
        <NavLink href="/docs">Docs</NavLink>
      </nav>
      <TrainingStatus />
      <div className="site-tools">
        <CommandPalette />
        <ThemeSwitch initial={theme} />
        {userName ? (
          <>
            {unread > 0 && (
              <Link href="/notices" prefetch={false}>
                {unread} new
              </Link>
            )}
            <Link href={`/u/${encodeURIComponent(userName)}`} className="user-name">
              {userName}
            </Link>
            <SignOut />
          </>
        ) : (
          <Link href="/signin" prefetch={false}>
            Sign in
          </Link>
        )}
      </div>
    </header>
  );
}
