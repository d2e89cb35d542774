/** A link at the end of a page to the API endpoint with the same data. */
export function JsonLink({ href }: { href: string }) {
  return (
    <p className="note mt-5">
      The same as JSON: <a href={href}>{href}</a>
    </p>
  );
}
