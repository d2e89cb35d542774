/** Sign in, or create an account. */
import type { Metadata } from "next";
import { headers } from "next/headers";
import { redirect } from "next/navigation";
import { SignInForm } from "@/app/_components/frame/sign-in-form";
import { date } from "@/app/_components/text/format";
import { mirrored } from "@/lib/server/dumps/mirror";
import { currentUser, signInProviders } from "@/lib/server/people/auth";
import { returnPath } from "@/lib/server/people/return-address";
import { siteOrigin } from "@/lib/server/site-origin";

export const metadata: Metadata = { title: "Sign in", robots: { index: false } };

export const dynamic = "force-dynamic";

export default async function SignInPage({ searchParams }: PageProps<"/signin">) {
  const mirror = await mirrored();
  if (mirror)
    return (
      <div className="max-w-[26rem]">
        <h1>Sign in</h1>
        <p className="lede mb-4">
          Nobody signs in here: this is a read-only mirror of {new URL(mirror.site).host}
          {mirror.asOf && `, as of ${date(mirror.asOf)}`}. Accounts and whatever is published are there.
        </p>
        <p>
          <a href={`${mirror.site}/signin`}>Sign in at {new URL(mirror.site).host}</a>
        </p>
      </div>
    );
  const { callbackUrl, error } = await searchParams;
  const next = returnPath(callbackUrl, siteOrigin(await headers()));
  if (await currentUser()) redirect(next);
  return (
    <div className="max-w-[26rem]">
      <h1>Sign in</h1>
      <p className="lede mb-4">
        Needed to publish a run under your name. Training, comparing and reading need no account.
      </p>
      <SignInForm
        providers={signInProviders()}
        callbackUrl={next}
        failed={error === undefined ? null : refusal(error)}
      />
    </div>
  );
}

/** Messages for another provider's errors, by next-auth's code. */
function refusal(code: string | string[]): string {
  if (code === "AccessDenied")
    return "The other site was told not to let you in. Allow it there, or use a local account.";
  if (code === "OAuthSignin") return "The other site can’t be reached. Try again later, or use a local account.";
  return "The other site did not confirm who you are. Try again, or use a local account.";
}
