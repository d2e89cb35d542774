/** Lines to type or to copy into a file. */
export const Commands = ({ label, children }: { label: string; children: string }) => (
  <pre tabIndex={0} aria-label={label} className="my-3">
    {children}
  </pre>
);
