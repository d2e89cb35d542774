/** Boards and policies within pages of other sites: the addresses of the frames, and their HTML. */
import { z } from "zod";
import { wholeNumberSchema } from "@/lib/records";
import { divisions } from "./board-view";
import { urlState } from "./url-state";
import { escapeXml } from "./xml";

export const embedThemes = ["light", "dark", "auto"] as const;

/** What the address of a frame says. `division` and `version` are a board's. */
export const embedView = urlState(
  z.object({
    /** `auto`: as the visitor's system. */
    theme: z.enum(embedThemes).default("auto"),
    rows: wholeNumberSchema(1, 20).default(10),
    division: z.enum(divisions).default(divisions[0]),
    version: wholeNumberSchema(1, 999_999).optional(),
  }),
);

export type EmbedView = ReturnType<typeof embedView.read>;

/** The frame of a page, such as `/leaderboard/digits-mlp`. */
export const embedHref = (page: string, view: Partial<EmbedView> = {}): string => embedView.href(`/embed${page}`, view);

/** In CSS pixels. */
export interface FrameSize {
  width: number;
  height: number;
}

/** Of what is around the rows, and of a row, in a frame of the usual width. */
const aroundRows = 150;
const perRow = 36;
const usualWidth = 800;

/** Rows and size of a frame within limits. What does not fit is scrolled. */
export function fitFrame(width = Infinity, height = Infinity): FrameSize & { rows: number } {
  const { rows: usualRows } = embedView.read({});
  const rows = Math.max(1, Math.min(usualRows, Math.floor((height - aroundRows) / perRow)));
  return { rows, width: Math.min(usualWidth, width), height: Math.min(aroundRows + perRow * rows, height) };
}

/** The HTML of a frame. */
export const frameHtml = ({
  address,
  title,
  width,
  height,
}: {
  /** With the site's origin. */
  address: string;
  title: string;
  width: number | string;
  height: number;
}): string =>
  `<iframe src="${escapeXml(address)}" title="${escapeXml(title)}" width="${width}" height="${height}" ` +
  `style="border:0" loading="lazy"></iframe>`;
