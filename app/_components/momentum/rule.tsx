/**
 * Typesets a rule in the field's notation: single letters in italics, words and functions upright, `^…` and Unicode
 * sub- and superscripts.
 */
import type { ReactNode } from "react";
import { Fragment } from "react";

const marks = new Map<string, { tag: "sub" | "sup"; letter: string }>([
  ...[..."₀₁₂₃₄₅₆₇₈₉ₗₜ꜀"].map((mark, index) => [mark, { tag: "sub", letter: "0123456789ltc"[index]! }] as const),
  ...[..."⁰¹²³⁴⁵⁶⁷⁸⁹ᵗᵏ"].map((mark, index) => [mark, { tag: "sup", letter: "0123456789tk"[index]! }] as const),
]);
const closing = new Map([
  ["(", ")"],
  ["⌊", "⌋"],
]);
const hat = "\u0302";

/** Letters that may be written side by side as a product: "tB", "πt". */
const variables = new Set("teBSLlmnβμσηκγπ");

export function Rule({ children }: { children: string }) {
  return (
    <>
      {typeset(children).map((part, index) => (
        <Fragment key={index}>{part}</Fragment>
      ))}
    </>
  );
}

function typeset(rule: string): ReactNode[] {
  const parts: ReactNode[] = [];
  let rest = rule;
  while (rest) {
    const mark = marks.get(rest[0]!);
    if (mark) {
      const run = takeWhile(rest, (character) => marks.get(character)?.tag === mark.tag);
      const Tag = mark.tag;
      parts.push(<Tag>{[...run].map((character) => letter(marks.get(character)!.letter))}</Tag>);
      rest = rest.slice(run.length);
    } else if (rest[0] === "^") {
      const exponent = takeExponent(rest.slice(1));
      parts.push(<sup>{<Rule>{exponent.replace(/^\((.*)\)$/, "$1")}</Rule>}</sup>);
      rest = rest.slice(1 + exponent.length);
    } else {
      const word = takeWhile(
        rest,
        (character) => !marks.has(character) && (/\p{L}/u.test(character) || character === hat),
      );
      const text =
        word || takeWhile(rest, (character) => character !== "^" && !marks.has(character) && !/\p{L}/u.test(character));
      parts.push(word ? letters(word) : text.replace(/·/g, " · ").replace(/-/g, "−"));
      rest = rest.slice(text.length);
    }
  }
  return parts;
}

/** One letter or a product of variables in italics; words upright. */
function letters(word: string): ReactNode {
  const hatless = word.normalize("NFD").replaceAll(hat, "");
  if (hatless.length > 1 && ![...hatless].every((character) => variables.has(character))) return word;
  return word.normalize("NFD").includes(hat) ? <var className="hat">{hatless}</var> : <var>{hatless}</var>;
}

const letter = (character: string): ReactNode =>
  /\p{L}/u.test(character) ? <var key={character}>{character}</var> : character;

/** A bracketed group, a number, or a word. */
function takeExponent(text: string): string {
  const close = closing.get(text[0] ?? "");
  if (!close) return /^[−-]?(?:[\d.]+|\p{L}+)/u.exec(text)?.[0] ?? text.slice(0, 1);
  for (let at = 0, depth = 0; at < text.length; at++) {
    if (text[at] === text[0]) depth++;
    else if (text[at] === close && --depth === 0) return text.slice(0, at + 1);
  }
  return text;
}

function takeWhile(text: string, holds: (character: string) => boolean): string {
  let taken = "";
  for (const character of text) {
    if (!holds(character)) break;
    taken += character;
  }
  return taken;
}
