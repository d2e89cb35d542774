/**
 * A rule as the field writes it, typeset: single letters in real italics,
 * words and functions upright, Unicode sub- and superscripts set as such.
 */
import { Fragment, type ReactNode } from "react";

const subscripts = new Map([..."₀₁₂₃₄₅₆₇₈₉ₗₜ꜀"].map((mark, index) => [mark, "0123456789ltc"[index]!]));
const superscripts = new Map([..."⁰¹²³⁴⁵⁶⁷⁸⁹ᵗᵏ"].map((mark, index) => [mark, "0123456789tk"[index]!]));
const raised: readonly [ReadonlyMap<string, string>, "sub" | "sup"][] = [
  [subscripts, "sub"],
  [superscripts, "sup"],
];

/** Letters that may stand side by side as a product: "tB", "πt". */
const variables = new Set("teBSLlmnβμσηκγεπt");

export function Rule({ children }: { children: string }) {
  return <>{tokens(children).map((token, index) => <Fragment key={index}>{typeset(token)}</Fragment>)}</>;
}

function tokens(rule: string): string[] {
  const marks = [...subscripts.keys(), ...superscripts.keys()].join("");
  return rule.match(new RegExp(`[${marks}]+|\\p{L}\\u0302?(?:(?![${marks}])[\\p{L}\\u0302])*|[^\\p{L}${marks}]+`, "gu")) ?? [];
}

function typeset(token: string): ReactNode {
  for (const [marks, Tag] of raised) {
    if (!marks.has(token[0]!)) continue;
    return <Tag>{[...token].map((mark) => marks.get(mark) ?? mark).join("")}</Tag>;
  }
  const composed = [...token.normalize("NFC")];
  if (!/^\p{L}/u.test(token)) return token.replace(/·/g, " · ").replace(/-/g, "−");
  const letters = composed.filter((letter) => letter !== "\u0302");
  if (letters.length === 1 || letters.every((letter) => variables.has(letter))) {
    return composed.includes("\u0302") ? <var className="hat">{letters.join("")}</var> : <var>{letters.join("")}</var>;
  }
  return token;
}
