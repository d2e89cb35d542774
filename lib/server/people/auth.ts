/**
 * Sign-in with next-auth: local accounts, and GitHub, Google or an OpenID Connect provider if configured. The cookie is
 * an encrypted token that names a stored session.
 */
import "server-only";
import { cookies, headers } from "next/headers";
import type { NextAuthOptions } from "next-auth";
import { getServerSession } from "next-auth";
import type { JWT } from "next-auth/jwt";
import CredentialsProvider from "next-auth/providers/credentials";
import GitHubProvider from "next-auth/providers/github";
import GoogleProvider from "next-auth/providers/google";
import type { Provider } from "next-auth/providers/index";
import { z } from "zod";
import { isText } from "@/lib/records";
import { env } from "../env";
import { clientAddress } from "../limits/client-address";
import type { LimitedUse } from "../limits/rate-limits";
import { consume, refund } from "../limits/rate-limits";
import { accountOf, signInWithPassword } from "./accounts";
import { completeLink } from "./links";
import { returnAddress } from "./return-address";
import { siteSecret } from "./session-secret";
import type { CurrentUser, SignedInUser } from "./sessions";
import { endSession, sessionDays, startSession, userOfSession } from "./sessions";

/** The options for next-auth. */
export function authOptions(): NextAuthOptions {
  return {
    secret: siteSecret(),
    session: { strategy: "jwt", maxAge: sessionDays * 86_400 },
    pages: { signIn: "/signin", error: "/signin" },
    providers: providers(),
    callbacks: {
      redirect: ({ url, baseUrl }) => returnAddress(url, baseUrl),
      async signIn({ account }) {
        if (!account || account.type === "credentials") return true;
        const user = await currentUser();
        if (!user) return true;
        const { provider, providerAccountId } = account;
        const link = await completeLink(user, { provider, providerAccountId });
        if (link === "elsewhere") return "/settings?link=elsewhere#sign-in";
        // The sign-in goes on with a session of its own.
        if (link === "linked") await endSession(user.sessionId);
        return true;
      },
      async jwt({ token, user, account, profile }) {
        if (!account) return token;
        const signedIn =
          account.type === "credentials"
            ? (user as SignedInUser)
            : await accountOf({
                provider: account.provider,
                providerAccountId: account.providerAccountId,
                name: displayName(profile) ?? user.name ?? "",
                image: user.image ?? null,
              });
        return { session: await startSession(signedIn) };
      },
      session: async ({ session, token }) => ({ ...session, user: { ...(await currentUserOf(token)) } }),
    },
    events: {
      signOut: async ({ token }) => {
        if (typeof token?.session === "string") await endSession(token.session);
      },
    },
  };
}

/** The user of a cookie's token, and the id of the session; null for one of an earlier version, which named none. */
async function currentUserOf({ session }: JWT): Promise<SessionUser | null> {
  if (typeof session !== "string") return null;
  const user = await userOfSession(session);
  return user && { ...user, sessionId: session };
}

/** The configured providers besides the local account. */
export const signInProviders = (): { id: string; name: string }[] =>
  providers()
    .filter(({ type }) => type !== "credentials")
    .map(({ id, name }) => ({ id, name }));

/** Who is signed in, and by which session. */
export interface SessionUser extends CurrentUser {
  sessionId: string;
}

/** The user of the session cookie; null if nobody is signed in, the session has ended or the account is gone. */
export async function currentUser(): Promise<SessionUser | null> {
  const session = await readSession();
  return session?.user.id ? (session.user as SessionUser) : null;
}

/** The cookie in which next-auth keeps a return address, by its last part. Anything in it that is none is an error. */
export const isReturnCookie = (name: string): boolean => name.endsWith("next-auth.callback-url");

type Session = { user: Partial<SessionUser> };

async function readSession(): Promise<Session | null> {
  const [requestHeaders, jar] = await Promise.all([headers(), cookies()]);
  const pairs = jar.getAll().map(({ name, value }) => [name, value] as const);
  const request = {
    headers: Object.fromEntries(requestHeaders),
    cookies: Object.fromEntries(pairs.filter(([name]) => !isReturnCookie(name))),
  };
  const response = { getHeader: () => undefined, setHeader: () => undefined }; // a page can't set cookies
  return getServerSession<NextAuthOptions, Session>(request as never, response as never, authOptions());
}

function providers(): Provider[] {
  const settings = env();
  const list: Provider[] = [
    CredentialsProvider({
      name: "Local account",
      credentials: { name: { label: "Name" }, password: { label: "Password", type: "password" } },
      authorize: (credentials, { headers }) =>
        credentials?.password && isText(credentials.name)
          ? attemptSignIn(credentials, clientAddress(new Headers(headers)))
          : null,
    }),
  ];
  if (settings.GITHUB_CLIENT_ID && settings.GITHUB_CLIENT_SECRET) {
    list.push(GitHubProvider({ clientId: settings.GITHUB_CLIENT_ID, clientSecret: settings.GITHUB_CLIENT_SECRET }));
  }
  if (settings.GOOGLE_CLIENT_ID && settings.GOOGLE_CLIENT_SECRET) {
    list.push(GoogleProvider({ clientId: settings.GOOGLE_CLIENT_ID, clientSecret: settings.GOOGLE_CLIENT_SECRET }));
  }
  if (settings.OIDC_ISSUER && settings.OIDC_CLIENT_ID && settings.OIDC_CLIENT_SECRET) {
    list.push({
      id: "oidc",
      name: settings.OIDC_NAME,
      type: "oauth",
      wellKnown: `${settings.OIDC_ISSUER.replace(/\/$/, "")}/.well-known/openid-configuration`,
      authorization: { params: { scope: "openid profile" } },
      idToken: true,
      // A provider may tell the name here alone, and not in the ID token. Fails unless both are about the same subject.
      userinfo: {
        request: async ({ client, tokens }) => ({
          ...(tokens as typeof tokens & { claims(): object }).claims(),
          ...(client.issuer.metadata.userinfo_endpoint ? await client.userinfo(tokens as never) : {}),
        }),
      },
      checks: ["pkce", "state"],
      clientId: settings.OIDC_CLIENT_ID,
      clientSecret: settings.OIDC_CLIENT_SECRET,
      profile: (given) => {
        const claims = claimsSchema.parse(given);
        return {
          id: claims.sub,
          name: displayName(claims) ?? null,
          image: claims.picture ?? null,
        };
      },
    });
  }
  return list;
}

/** Prefix of the error for a throttled sign-in; the seconds to wait follow. */
export const tooManyAttempts = "TooManyAttempts";

/** Consumes the rate limits before the password is checked, and refunds them if it is right. */
async function attemptSignIn(
  credentials: { name: string; password: string },
  address: string,
): Promise<SignedInUser | null> {
  const account = credentials.name.trim().toLowerCase().slice(0, 64);
  const uses: LimitedUse[] = [
    { limit: "sign-in/account and address", by: `${account} ${address}` },
    { limit: "sign-in/account", by: account },
    { limit: "sign-in/address", by: address },
  ];
  const wait = await consume(uses);
  if (wait > 0) throw new Error(`${tooManyAttempts} ${wait}`);
  const user = await signInWithPassword(credentials);
  if (user) await refund(uses);
  return user;
}

const optionalText = z.string().optional().catch(undefined);

/** The names that a provider gives someone. What is no text counts as absent. */
const namesSchema = z.object({ login: optionalText, preferred_username: optionalText, name: optionalText });

const claimsSchema = namesSchema.extend({ sub: z.string().min(1).max(255), picture: optionalText });

/** GitHub's `login`, OpenID's `preferred_username`, or a name. */
function displayName(profile: unknown): string | undefined {
  const { login, preferred_username, name } = namesSchema.parse(profile ?? {});
  return login ?? preferred_username ?? name;
}
