/** At a page's end: the address where programs read what it shows. */
export function JsonLink({ href }: { href: string }) {
  return (
    <p className="note mt-5">
      The same as JSON: <a href={href}>{href}</a>
    </p>
  );
}
