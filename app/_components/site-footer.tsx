/** What stands under every page: where the method comes from and whose reading of it this is. */
export function SiteFooter() {
  return (
    <footer className="site-footer">
      <p className="max-w-prose">
        DMBN is described in Srujan, <cite>Understanding Batch-Normalization in Deep Neural Networks</cite>, MTech dissertation, Indian Statistical Institute Kolkata, 2025. The
        implementation here is our reading of it.
      </p>
      <p>β, the momentum, always weighs the old average; PyTorch&rsquo;s own setting is 1 − β.</p>
    </footer>
  );
}
