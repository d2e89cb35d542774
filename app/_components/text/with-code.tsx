/** Text in which backticks mark code, as policies' descriptions are written. */
export function WithCode({ children }: { children: string }) {
  return (
    <span className="wrap-anywhere">
      {children.split(/`([^`]+)`/).map((part, index) => (index % 2 === 1 ? <code key={index}>{part}</code> : part))}
    </span>
  );
}
