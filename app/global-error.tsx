"use client";
/** The error page for a failed root layout; it can't rely on styles or session. */
export default function GlobalError({ error, retry }: { error: Error & { digest?: string }; retry: () => void }) {
  return (
    <html lang="en" style={{ colorScheme: "light dark" }}>
      <body
        style={{ font: "15px/1.55 system-ui, sans-serif", maxWidth: "44rem", margin: "40px auto", padding: "0 16px" }}
      >
        <title>DMBench could not be shown</title>
        <h1>DMBench could not be shown</h1>
        <p>
          The server failed before it could draw the page. Nothing that was published is lost.
          {error.digest ? ` The log names it ${error.digest}.` : null}
        </p>
        <button type="button" onClick={retry}>
          Try again
        </button>
      </body>
    </html>
  );
}
