/** Breadcrumbs: the pages above this one, from the root. */
import Link from "next/link";
import { Fragment } from "react";

interface Crumb {
  title: string;
  /** Absent if the level has no page. */
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
