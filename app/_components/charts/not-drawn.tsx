/** Stands where a chart would be whose numbers no scale holds; its table of numbers stays below. */
export function NotDrawn({ words }: { words: string }) {
  return (
    <div className="empty" role="img" aria-label={words}>
      <p className="font-medium">Not drawn</p>
      <p className="mt-1 text-ink-2">These numbers lie too far apart for a scale. The table below has them.</p>
    </div>
  );
}
