/**
 * Sign-in with next-auth: local accounts, and GitHub, Google or an OpenID Connect provider if configured. Sessions are
 * signed cookies.
 */
import "server-only";
import { randomBytes } from "node:crypto";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { cookies, headers } from "next/headers";
import type { NextAuthOptions, Profile } from "next-auth";
import { getServerSession } from "next-auth";
import CredentialsProvider from "next-auth/providers/credentials";
import GitHubProvider from "next-auth/providers/github";
import GoogleProvider from "next-auth/providers/google";
import type { Provider } from "next-auth/providers/index";
import { database } from "../database/client";
import { dataPath, env } from "../env";
import { clientAddress } from "../limits/client-address";
import type { LimitedUse } from "../limits/rate-limits";
import { consume, refund } from "../limits/rate-limits";
import type { SignedInUser } from "./accounts";
import { accountOf, signInWithPassword } from "./accounts";
import { returnAddress } from "./return-address";

/** The options for next-auth. */
export function authOptions(): NextAuthOptions {
  return {
    secret: env().NEXTAUTH_SECRET ?? storedSecret(),
    session: { strategy: "jwt" },
    pages: { signIn: "/signin", error: "/signin" },
    providers: providers(),
    callbacks: {
      redirect: ({ url, baseUrl }) => returnAddress(url, baseUrl),
      async jwt({ token, user, account, profile }) {
        if (!account) return token;
        const signedIn =
          account.type === "credentials"
            ? { id: user.id, name: user.name ?? "" }
            : await accountOf({
                provider: account.provider,
                providerAccountId: account.providerAccountId,
                name: displayName(profile) ?? user.name ?? "user",
                image: user.image ?? null,
              });
        return { sub: signedIn.id, name: signedIn.name };
      },
      session: ({ session, token }) => ({ ...session, user: { id: token.sub, name: token.name ?? null } }),
    },
  };
}

/** The configured providers besides the local account. */
export const signInProviders = (): { id: string; name: string }[] =>
  providers()
    .filter(({ type }) => type !== "credentials")
    .map(({ id, name }) => ({ id, name }));

export interface CurrentUser extends SignedInUser {
  role: "user" | "maintainer";
}

/** The user of the session cookie; null if nobody is signed in or the account is gone. */
export async function currentUser(): Promise<CurrentUser | null> {
  const session = await readSession();
  if (!session?.user.id) return null;
  return database().user.findUnique({ where: { id: session.user.id }, select: { id: true, name: true, role: true } });
}

/** The cookie in which next-auth keeps a return address, by its last part. Anything in it that is none is an error. */
export const isReturnCookie = (name: string): boolean => name.endsWith("next-auth.callback-url");

async function readSession(): Promise<{ user: { id?: string } } | null> {
  const [requestHeaders, jar] = await Promise.all([headers(), cookies()]);
  const pairs = jar.getAll().map(({ name, value }) => [name, value] as const);
  const request = {
    headers: Object.fromEntries(requestHeaders),
    cookies: Object.fromEntries(pairs.filter(([name]) => !isReturnCookie(name))),
  };
  const response = { getHeader: () => undefined, setHeader: () => undefined }; // a page can't set cookies
  type Session = { user: { id?: string } };
  return getServerSession<NextAuthOptions, Session>(request as never, response as never, authOptions());
}

function providers(): Provider[] {
  const settings = env();
  const list: Provider[] = [
    CredentialsProvider({
      name: "Local account",
      credentials: { name: { label: "Name" }, password: { label: "Password", type: "password" } },
      authorize: (credentials, { headers }) =>
        credentials?.name && credentials.password
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
      checks: ["pkce", "state"],
      clientId: settings.OIDC_CLIENT_ID,
      clientSecret: settings.OIDC_CLIENT_SECRET,
      profile: (claims: Claims) => ({
        id: claims.sub,
        name: claims.preferred_username ?? claims.name ?? null,
        image: claims.picture ?? null,
      }),
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
  for (const use of uses) {
    const wait = await consume(use);
    if (wait > 0) throw new Error(`${tooManyAttempts} ${wait}`);
  }
  const user = await signInWithPassword(credentials);
  if (user) for (const use of uses) await refund(use);
  return user;
}

interface Claims {
  sub: string;
  name?: string;
  preferred_username?: string;
  picture?: string;
}

/** GitHub's `login`, OpenID's `preferred_username`, or a name. */
function displayName(profile: (Profile & Partial<Claims> & { login?: string }) | undefined): string | undefined {
  return profile?.login ?? profile?.preferred_username ?? profile?.name;
}

let secret: string | undefined;

/** The secret that signs sessions, generated at the first start and stored, so that sessions survive a restart. */
function storedSecret(): string {
  if (secret) return secret;
  const file = dataPath("session-secret");
  mkdirSync(path.dirname(file), { recursive: true });
  try {
    writeFileSync(file, randomBytes(32).toString("base64url"), { flag: "wx", mode: 0o600 });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
  }
  secret = readFileSync(file, "utf8").trim();
  return secret;
}
