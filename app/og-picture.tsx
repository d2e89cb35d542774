/**
 * The Open Graph image, shown beside links on other sites: our colours, fonts and hairlines, rendered by Satori, which
 * reads no style sheet and has no dark mode.
 */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { ImageResponse } from "next/og";
import { intervalExtent } from "@/lib/charts/extent";
import { sharedBriefly } from "./api/caching";

export const pictureSize = { width: 1200, height: 630 };

const ink = {
  paper: "#fbfaf8",
  line: "#e0e0dc",
  ink: "#151b23",
  quiet: "#454b53",
  faint: "#63686f",
  needle: "#b75615",
};

/** The memory ramp in light colours, by its CSS class on the site. */
const memory: Record<string, string> = {
  "memory-0": "#bd7410",
  "memory-1": "#708324",
  "memory-2": "#217f65",
  "memory-3": "#046f87",
  "memory-4": "#294c91",
  "memory-5": "#442878",
};

const face = (family: string, file: string) =>
  readFile(join(process.cwd(), "node_modules/@fontsource", family, "files", `${file}.woff`));

const fonts = Promise.all(
  (
    [
      ["Plex", "ibm-plex-sans", "ibm-plex-sans-latin-400-normal"],
      ["Plex Greek", "ibm-plex-sans", "ibm-plex-sans-greek-400-normal"],
      ["Source", "source-serif-4", "source-serif-4-latin-600-normal"],
      ["Source Greek", "source-serif-4", "source-serif-4-greek-400-normal"],
    ] as const
  ).map(async ([name, family, file]) => ({
    name,
    data: await face(family, file),
    weight: 400 as const,
    style: "normal" as const,
  })),
);

export interface PictureRow {
  name: string;
  /** Text at the end of the row. */
  value: string;
  /** The ramp's CSS class. */
  memory?: string;
  /** Drawn on a scale shared by all rows, from 0 to 1. */
  interval?: { low: number; mean: number; high: number };
}

interface Picture {
  /** Small, above the title. */
  kind: string;
  title: string;
  note: string;
  rows: readonly PictureRow[];
}

export async function picture({ kind, title, note, rows }: Picture): Promise<ImageResponse> {
  return new ImageResponse(
    <div
      style={{
        display: "flex",
        flexDirection: "column",
        width: "100%",
        height: "100%",
        padding: "56px 72px",
        background: ink.paper,
        color: ink.ink,
        fontFamily: "Plex, Plex Greek",
      }}
    >
      <div style={{ display: "flex", justifyContent: "space-between", fontSize: 26, color: ink.faint }}>
        <div style={{ display: "flex" }}>{kind}</div>
        <div style={{ display: "flex", color: ink.ink, fontFamily: "Source" }}>DMBench</div>
      </div>
      <div
        style={{
          display: "flex",
          marginTop: 18,
          fontFamily: "Source, Source Greek",
          fontSize: title.length > 44 ? 46 : 60,
          lineHeight: 1.12,
        }}
      >
        {clip(title, 90)}
      </div>
      <div style={{ display: "flex", marginTop: 14, fontSize: 26, lineHeight: 1.35, color: ink.quiet }}>
        {clip(note, 150)}
      </div>
      <div
        style={{ display: "flex", flexDirection: "column", marginTop: "auto", borderTop: `2px solid ${ink.needle}` }}
      >
        {rows.map((row) => (
          <div
            key={row.name}
            style={{
              display: "flex",
              alignItems: "center",
              height: 56,
              borderBottom: `1px solid ${ink.line}`,
              fontSize: 26,
            }}
          >
            <div style={{ display: "flex", width: 420 }}>{clip(row.name, 30)}</div>
            <div style={{ display: "flex", position: "relative", flexGrow: 1, height: 24 }}>
              {row.interval && <Interval {...row.interval} colour={memory[row.memory ?? ""] ?? ink.faint} />}
            </div>
            <div style={{ display: "flex", width: 230, justifyContent: "flex-end", color: ink.quiet }}>
              {clip(row.value, 40)}
            </div>
          </div>
        ))}
      </div>
    </div>,
    { ...pictureSize, fonts: await fonts, headers: { "cache-control": sharedBriefly } },
  );
}

const track = 380;

function Interval({ low, mean, high, colour }: { low: number; mean: number; high: number; colour: string }) {
  return (
    <div style={{ display: "flex", position: "absolute", left: 0, top: 0, width: track, height: 24 }}>
      <div style={{ position: "absolute", left: 0, top: 11, width: track, height: 1, background: ink.line }} />
      <div
        style={{
          position: "absolute",
          left: low * track,
          top: 9,
          width: Math.max(2, (high - low) * track),
          height: 5,
          background: colour,
          opacity: 0.5,
        }}
      />
      <div
        style={{
          position: "absolute",
          left: mean * track - 8,
          top: 4,
          width: 16,
          height: 16,
          borderRadius: 8,
          background: colour,
        }}
      />
    </div>
  );
}

/** All but the characters that our fonts have: Latin-1, Greek, and the punctuation of both. */
const notOurs = /[^ -~\u00a1-\u00b7\u00b9-\u00ff\u0384-\u038a\u038c\u038e-\u03a1\u03a3-\u03ce–—‘’‚“-„•…′″‹›⁄−]/gu;

/** Truncates, and drops characters that our fonts lack: for those, Satori would fetch a font from another server. */
function clip(text: string, most: number): string {
  const ours = text.normalize("NFKC").replace(notOurs, "");
  return ours.length > most ? `${ours.slice(0, most - 1)}…` : ours;
}

/** Rows with their intervals on one scale. */
export function onOneScale<Row extends { low: number | null; mean: number; high: number | null }>(
  rows: readonly Row[],
): (Row & { interval: { low: number; mean: number; high: number } })[] {
  const { low: least, high: most } = intervalExtent(rows) ?? { low: 0, high: 0 };
  const position = (value: number) => (most === least ? 0.5 : 0.03 + (0.94 * (value - least)) / (most - least));
  return rows.map((row) => ({
    ...row,
    interval: { low: position(row.low ?? row.mean), mean: position(row.mean), high: position(row.high ?? row.mean) },
  }));
}
