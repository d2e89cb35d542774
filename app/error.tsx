"use client";
/** The error page: what failed, what is safe, and a retry button. */
import { Button, ButtonLink } from "@/app/_components/controls/controls";
import { Problem } from "@/app/_components/controls/notices";

export default function ErrorPage({ error, retry }: { error: Error & { digest?: string }; retry: () => void }) {
  return (
    <>
      <h1>This page could not be shown</h1>
      <div className="mt-4">
        <Problem
          title="The server failed while it read the data for this page."
          actions={
            <>
              <Button kind="primary" onClick={retry}>
                Try again
              </Button>
              <ButtonLink href="/">Start page</ButtonLink>
            </>
          }
        >
          Nothing that was published is lost. If it happens again, tell whoever runs this site
          {error.digest ? (
            <>
              {" "}
              and name <code>{error.digest}</code>, which finds the cause in the server&rsquo;s log
            </>
          ) : null}
          .
        </Problem>
      </div>
    </>
  );
}
