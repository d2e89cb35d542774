/** The dissertation's own figures on Fashion-MNIST, shown separately from measured ones. */
export function ReportedElsewhere() {
  return (
    <p className="note mt-3">
      For comparison: the dissertation gives accuracy 0.889 for DMBN and 0.853 for BN-BFN on Fashion-MNIST (reported,
      protocol unknown). What is measured here is our reading of the method.
    </p>
  );
}
