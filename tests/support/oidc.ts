/**
 * An OpenID Connect provider for tests: npm's `oidc-provider`, which is certified, with its own pages to sign in and to
 * consent. Whatever name is typed there is an account, and any password is right.
 */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import Provider from "oidc-provider";

export interface TestProvider {
  /** The settings of a site that uses it. */
  settings: Record<string, string>;
  stop: () => Promise<void>;
}

/**
 * @param site the address of the site that signs people in with it
 * @param port default: a free one
 */
export async function startProvider(site: string, port = 0): Promise<TestProvider> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(port, "localhost", resolve));
  const issuer = `http://localhost:${(server.address() as AddressInfo).port}`;
  const client = { client_id: "dmbench", client_secret: "a secret of 32 characters or more" };
  const provider = new Provider(issuer, {
    clients: [{ ...client, redirect_uris: [`${site}/api/auth/callback/oidc`] }],
    claims: { profile: ["preferred_username", "name", "picture"] },
    findAccount: (_context, accountId) => ({
      accountId,
      claims: () => ({ sub: accountId, preferred_username: accountId, name: "A name that others may have too" }),
    }),
    cookies: { keys: ["a key for tests"] },
  });
  server.on("request", provider.callback());
  return {
    settings: {
      OIDC_ISSUER: issuer,
      OIDC_CLIENT_ID: client.client_id,
      OIDC_CLIENT_SECRET: client.client_secret,
      OIDC_NAME: "Test University",
    },
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
