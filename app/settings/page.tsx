/**
 * The user's account: the rest of today's quotas, tokens, flags on the user's results, password, ways to
 * sign in, sessions, deletion.
 */
import type { Metadata } from "next";
import Link from "next/link";
import { redirect } from "next/navigation";
import { Empty, Problem } from "@/app/_components/controls/notices";
import type { Column } from "@/app/_components/tables/data-table";
import { DataTable } from "@/app/_components/tables/data-table";
import { FlagList } from "@/app/_components/tables/flag-list";
import { count, date } from "@/app/_components/text/format";
import { Section } from "@/app/_components/text/section";
import type { QuotaState } from "@/lib/server/limits/quotas";
import { quotasOf } from "@/lib/server/limits/quotas";
import { flagsAbout } from "@/lib/server/moderation/flags";
import { hasPassword } from "@/lib/server/people/accounts";
import { currentUser, signInProviders } from "@/lib/server/people/auth";
import { linksOf } from "@/lib/server/people/links";
import { mayClaim } from "@/lib/server/people/maintainers";
import { countSessions } from "@/lib/server/people/sessions";
import type { TokenInfo } from "@/lib/server/people/tokens";
import { tokensOf } from "@/lib/server/people/tokens";
import { ChangePassword } from "./change-password";
import { ClaimRole } from "./claim-role";
import { DeleteAccount } from "./delete-account";
import { NewToken } from "./new-token";
import { RevokeToken } from "./revoke-token";
import { SignInMethods } from "./sign-in-methods";
import { SignOutEverywhere } from "./sign-out-everywhere";

export const metadata: Metadata = { title: "Settings", robots: { index: false } };

export const dynamic = "force-dynamic";

const alternatives = new Intl.ListFormat("en-GB", { type: "disjunction" });

export default async function SettingsPage({ searchParams }: PageProps<"/settings">) {
  const { link } = await searchParams;
  const user = await currentUser();
  if (!user) redirect("/signin?callbackUrl=/settings");
  const [quotas, tokens, flags, withPassword, sessions, claimable, links] = await Promise.all([
    quotasOf(user.id),
    tokensOf(user.id),
    flagsAbout(user.id),
    hasPassword(user.id),
    countSessions(user.id),
    mayClaim(user.name),
    linksOf(user.id),
  ]);
  const providers = signInProviders().map((provider) => ({ ...provider, linked: links.includes(provider.id) }));
  const ways = [
    ...(withPassword ? ["with your password"] : []),
    ...providers.filter(({ linked }) => linked).map(({ name }) => `through ${name}`),
  ];
  return (
    <>
      <h1>Settings</h1>
      <p className="lede">
        What belongs to <Link href={`/u/${user.name}`}>{user.name}</Link>
        {user.role === "maintainer" && (
          <>
            , who is a maintainer: <Link href="/moderation">the queue of flags</Link>
          </>
        )}
        .
      </p>
      {claimable && (
        <Section id="maintainer" title="Become a maintainer">
          <p className="mb-3 max-w-prose">
            This site&rsquo;s settings name {user.name} as a maintainer. Whoever runs it finds a code in the log of its
            last start.
          </p>
          <ClaimRole account={user.name} />
        </Section>
      )}
      <Section id="today" title="Left today">
        <DataTable
          caption="What you may still add today"
          columns={quotaColumns}
          rows={quotas}
          rowKey={({ quota }) => quota}
        />
        <p className="note mt-2">
          A day ends at midnight UTC. Only what was accepted counts: an attempt that was refused, failed or sent twice
          costs nothing.
        </p>
      </Section>
      <Section id="tokens" title="Tokens">
        <p className="mb-3 max-w-prose">
          With a token a program acts in your name: <code>dmbench login</code>, or anything that speaks{" "}
          <Link href="/docs/api">the API</Link>.
        </p>
        {tokens.length > 0 ? (
          <DataTable
            caption="Your tokens in force, newest first"
            columns={tokenColumns(user.name)}
            rows={tokens}
            rowKey={({ id }) => id}
          />
        ) : (
          <Empty title="No token yet" />
        )}
        <h3 className="mt-4 mb-2">New token</h3>
        <NewToken account={user.name} />
      </Section>
      <Section id="flags" title="Flags on your results">
        {flags.length > 0 ? (
          <FlagList caption="Flags on what you published, newest first" flags={flags} />
        ) : (
          <Empty title="None">When somebody doubts a result of yours, you can reply here.</Empty>
        )}
      </Section>
      <Section id="password" title="Change my password">
        {withPassword ? (
          <ChangePassword account={user.name} tokens={tokens.length} />
        ) : (
          <p className="max-w-prose">You sign in through another site, and have no password here.</p>
        )}
      </Section>
      {providers.length > 0 && (
        <Section id="sign-in" title="Ways to sign in">
          {link === "elsewhere" && (
            <div className="mb-3">
              <Problem title="Not linked">
                That identity belongs to another account here. Sign in to that account, and remove the link there.
              </Problem>
            </div>
          )}
          <p className="mb-3 max-w-prose">
            {ways.length > 0 && `You can sign in ${alternatives.format(ways)}. `}A provider that you link is one more
            way.
          </p>
          <SignInMethods providers={providers} account={user.name} />
        </Section>
      )}
      <Section id="sessions" title="Sign out everywhere">
        <p className="mb-3 max-w-prose">
          {sessions === 1 ? "Your only session is this one." : `You have ${sessions} sessions, this one among them.`}{" "}
          Each lasts 30 days at most.{tokens.length > 0 && " Tokens are no sessions: revoke them one by one."}
        </p>
        <SignOutEverywhere account={user.name} />
      </Section>
      <Section id="leave" title="Delete my account">
        <p className="mb-3 max-w-prose">
          Your runs, policies, records and scores stay, since others compare with them; your name goes from all of them.
          Your measurements of machines are deleted, and your tokens end. Nobody gets the name again, not even you. This
          can&rsquo;t be undone.
        </p>
        <DeleteAccount name={user.name} />
      </Section>
    </>
  );
}

const quotaColumns: readonly Column<QuotaState>[] = [
  { key: "quota", head: "what", cell: ({ quota }) => quota },
  { key: "left", head: "left", align: "end", cell: ({ left }) => count(left) },
  { key: "used", head: "used", align: "end", cell: ({ used }) => count(used) },
  { key: "limit", head: "a day", align: "end", cell: ({ limit }) => count(limit) },
];

const tokenColumns = (account: string): readonly Column<TokenInfo>[] => [
  { key: "name", head: "name", cell: ({ name }) => name },
  { key: "scopes", head: "may", cell: ({ scopes }) => scopes.join(", ") },
  { key: "created", head: "made", cell: ({ createdAt }) => date(createdAt) },
  { key: "used", head: "last used", cell: ({ lastUsedAt }) => (lastUsedAt ? date(lastUsedAt) : "never") },
  {
    key: "revoke",
    head: <span className="sr-only">end it</span>,
    cell: ({ id, name }) => <RevokeToken id={id} name={name} account={account} />,
  },
];
