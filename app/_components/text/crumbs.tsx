/** Where a page belongs: the pages above it, from the widest. */
import Link from "next/link";
import { Fragment } from "react";

interface Crumb {
  title: string;
  /** Absent where there is no page to go to. */
  href?: string;
}

export function Crumbs({ path }: { path: readonly Crumb[] }) {
  return (
    <p className="crumbs">
      {path.map(({ title, href }, index) => (
        <Fragment key={title}>
          {index > 0 && " / "}
          {href ? <Link href={href}>{title}</Link> : title}
        </Fragment>
      ))}
    </p>
  );
}
