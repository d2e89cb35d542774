/**
 * The site's fonts, self-hosted: IBM Plex Sans for interface and numbers, Source Serif 4 for headings and equations,
 * JetBrains Mono for documents. The two upright Latin fonts are preloaded; Greek and italic load when a page needs
 * them.
 */
import localFont from "next/font/local";

const plex = localFont({
  src: "../../../node_modules/@fontsource-variable/ibm-plex-sans/files/ibm-plex-sans-latin-wght-normal.woff2",
  weight: "100 700",
  variable: "--plex",
  adjustFontFallback: "Arial",
});

const plexGreek = localFont({
  src: "../../../node_modules/@fontsource-variable/ibm-plex-sans/files/ibm-plex-sans-greek-wght-normal.woff2",
  weight: "100 700",
  variable: "--plex-greek",
  preload: false,
  adjustFontFallback: false,
  declarations: [{ prop: "unicode-range", value: "U+0370-03FF" }],
});

const source = localFont({
  src: "../../../node_modules/@fontsource-variable/source-serif-4/files/source-serif-4-latin-wght-normal.woff2",
  weight: "200 900",
  variable: "--source",
  adjustFontFallback: "Times New Roman",
});

const sourceItalic = localFont({
  src: "../../../node_modules/@fontsource-variable/source-serif-4/files/source-serif-4-latin-wght-italic.woff2",
  weight: "200 900",
  style: "italic",
  variable: "--source-italic",
  preload: false,
  adjustFontFallback: false,
});

const sourceGreek = localFont({
  src: [
    {
      path: "../../../node_modules/@fontsource-variable/source-serif-4/files/source-serif-4-greek-wght-normal.woff2",
      weight: "200 900",
      style: "normal",
    },
    {
      path: "../../../node_modules/@fontsource-variable/source-serif-4/files/source-serif-4-greek-wght-italic.woff2",
      weight: "200 900",
      style: "italic",
    },
  ],
  variable: "--source-greek",
  preload: false,
  adjustFontFallback: false,
  declarations: [{ prop: "unicode-range", value: "U+0370-03FF" }],
});

const jetbrains = localFont({
  src: "../../../node_modules/@fontsource-variable/jetbrains-mono/files/jetbrains-mono-latin-wght-normal.woff2",
  weight: "100 800",
  variable: "--jetbrains",
  preload: false,
  adjustFontFallback: false,
});

/** Class names that define the font variables that the tokens use. */
export const fontVariables = [plex, plexGreek, source, sourceItalic, sourceGreek, jetbrains]
  .map((font) => font.variable)
  .join(" ");
