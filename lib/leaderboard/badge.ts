/** A badge for a README or a paper's page: where a method stands, and its tier. */
import { escapeXml } from "./xml";

interface Badge {
  /** On the left: the benchmark and its version. */
  label: string;
  /** On the right: band and tier. */
  message: string;
}

/** An SVG, 20 px high. System fonts can't be measured, so the width of each text is fixed. */
export function badge({ label, message }: Badge): string {
  const [left, right] = [widthOf(label), widthOf(message)];
  const title = escaped(`${label}: ${message}`);
  const text = (words: string, x: number, width: number) =>
    `<text x="${x + width / 2}" y="14" textLength="${width - 12}" lengthAdjust="spacingAndGlyphs">` +
    `${escaped(words)}</text>`;
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" width="${left + right}" height="20" role="img" aria-label="${title}">` +
    `<title>${title}</title>` +
    `<rect width="${left + right}" height="20" rx="3" fill="#151b23"/>` +
    `<path d="M${left} 0h${right - 3}a3 3 0 0 1 3 3v14a3 3 0 0 1-3 3h-${right - 3}z" fill="#006279"/>` +
    `<g fill="#fbfaf8" text-anchor="middle" font-family="IBM Plex Sans,Verdana,sans-serif" font-size="11">` +
    `${text(label, 0, left)}${text(message, left, right)}</g></svg>`
  );
}

const longest = 80;

/** 6.2 px per character and 6 px of padding on either side. */
const widthOf = (words: string): number => Math.round(6.2 * Math.min(words.length, longest) + 12);

const escaped = (words: string): string =>
  escapeXml(words.length > longest ? `${words.slice(0, longest - 1)}…` : words);
