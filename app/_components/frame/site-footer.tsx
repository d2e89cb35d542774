/** The footer of every page: the source of the method, and links to pages that the header has no room for. */
import Link from "next/link";

export function SiteFooter() {
  return (
    <footer className="site-footer">
      <p className="max-w-prose">
        DMBN is described in Pendyala Sai Srujan,{" "}
        <a href="https://hdl.handle.net/10263/7588">
          <cite>Understanding Batch-Normalization in Deep Neural Networks</cite>
        </a>
        , MTech dissertation, Indian Statistical Institute Kolkata, June 2025, supervised by Sasanka Roy and Shubhra
        Sankar Ray. The implementation here is our reading of it.
      </p>
      <p>β, the momentum, always weighs the old average; PyTorch&rsquo;s own setting is 1 − β.</p>
      <nav aria-label="More" className="flex flex-wrap gap-3">
        <Link href="/choose" prefetch={false}>
          Which momentum?
        </Link>
        <Link href="/contribute" prefetch={false}>
          Contribute
        </Link>
        <Link href="/external" prefetch={false}>
          Networks of your own
        </Link>
        <Link href="/bench" prefetch={false}>
          Speed
        </Link>
        <Link href="/log" prefetch={false}>
          Log
        </Link>
        <Link href="/status" prefetch={false}>
          Status
        </Link>
      </nav>
    </footer>
  );
}
