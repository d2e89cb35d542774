/**
 * Any text as LaTeX that compiles with the standard fonts and no package: letters with accents by TeX's accents, Greek
 * and signs as math, what looks the same as plain letters by those, and what LaTeX can't set by its code, as [U+4E2D].
 * Text of any author stays text: no character of it reaches TeX as a command, an argument or a ligature.
 */

const greek =
  "alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi omicron pi rho varsigma sigma tau upsilon " +
  "phi chi psi omega";
const capitals =
  "A B \\Gamma \\Delta E Z H \\Theta I K \\Lambda M N \\Xi O \\Pi P \\Sigma T \\Upsilon \\Phi X \\Psi \\Omega";

const math = (signs: string, ...names: readonly string[]): [string, string][] =>
  [...signs].map((sign, index) => [sign, names[index]!]);

/** Signs and letters that are set in math. */
const inMath = new Map<string, string>([
  ...math("αβγδεζηθικλμνξοπρςστυφχψω", ...greek.split(" ").map((name) => (name === "omicron" ? "o" : `\\${name}`))),
  ...math(
    "ΑΒΓΔΕΖΗΘΙΚΛΜΝΞΟΠΡΣΤΥΦΧΨΩ",
    ...capitals.split(" ").map((letter) => (letter[0] === "\\" ? letter : `\\mathrm{${letter}}`)),
  ),
  ...math(
    "µϑϕϖϱϵ∂∇ℓℏℜℑ℘ℵ",
    ..."\\mu \\vartheta \\phi \\varpi \\varrho \\epsilon \\partial \\nabla \\ell \\hbar \\Re \\Im \\wp \\aleph".split(
      " ",
    ),
  ),
  ...math("−±∓×÷·∗∘∙⊕⊗", ..."- \\pm \\mp \\times \\div \\cdot * \\circ \\bullet \\oplus \\otimes".split(" ")),
  ...math(
    "<>|≤≥≠≈≡∼≃≅∝≪≫≺≻",
    ..."< > | \\le \\ge \\ne \\approx \\equiv \\sim \\simeq \\cong \\propto \\ll \\gg \\prec \\succ".split(" "),
  ),
  ...math(
    "∈∉∋⊂⊃⊆⊇∪∩∅∀∃∧∨¬⊥∥‖∠",
    ..."\\in \\notin \\ni \\subset \\supset \\subseteq \\supseteq \\cup \\cap \\emptyset \\forall \\exists \\land \\lor \\lnot \\perp \\parallel \\| \\angle".split(
      " ",
    ),
  ),
  ...math(
    "←→↑↓↔⇐⇒⇔↦",
    ..."\\leftarrow \\rightarrow \\uparrow \\downarrow \\leftrightarrow \\Leftarrow \\Rightarrow \\Leftrightarrow \\mapsto".split(
      " ",
    ),
  ),
  ...math(
    "∞∑∏∫√∛∜⌊⌋⌈⌉⟨⟩′″",
    ..."\\infty \\sum \\prod \\int \\surd \\sqrt[3]{\\,} \\sqrt[4]{\\,} \\lfloor \\rfloor \\lceil \\rceil \\langle \\rangle {}' {}''".split(
      " ",
    ),
  ),
  ...math(
    "°⋅⋆★☆♠♣♥♦♭♮♯†‡{}«»",
    ..."{}^\\circ \\cdot \\star \\star \\star \\spadesuit \\clubsuit \\heartsuit \\diamondsuit \\flat \\natural \\sharp \\dagger \\ddagger \\lbrace \\rbrace \\ll \\gg".split(
      " ",
    ),
  ),
]);

/** Between two equal characters that would be one ligature, such as --. */
const apart = "\u2060";

/** Characters that are set as text. */
const inText = new Map<string, string>([
  ..."&%$#_".split("").map((character): [string, string] => [character, `\\${character}`]),
  ["\\", "\\textbackslash{}"],
  [apart, "{}"],
  ["~", "\\textasciitilde{}"],
  ["^", "\\textasciicircum{}"],
  ["`", "\\`{}"],
  ["–", "--"],
  ["—", "---"],
  ["‘", "`{}"],
  ["’", "'{}"],
  ["“", "``{}"],
  ["”", "''{}"],
  ["„", ",,"],
  ["‚", ","],
  ["…", "\\ldots{}"],
  ["•", "$\\bullet$"],
  ["©", "\\copyright{}"],
  ["§", "\\S{}"],
  ["¶", "\\P{}"],
  ["£", "\\pounds{}"],
  ["¡", "!`"],
  ["¿", "?`"],
  ["ß", "\\ss{}"],
  ["æ", "\\ae{}"],
  ["Æ", "\\AE{}"],
  ["œ", "\\oe{}"],
  ["Œ", "\\OE{}"],
  ["ø", "\\o{}"],
  ["Ø", "\\O{}"],
  ["ł", "\\l{}"],
  ["Ł", "\\L{}"],
  ["ı", "\\i{}"],
  ["ȷ", "\\j{}"],
  ["꜀", "$\\null_{c}$"],
  ["⁄", "/"],
]);

/** Combining marks as commands around a letter, in text and in math. */
const accents = new Map<string, readonly [text: string, math: string | null]>([
  ["\u0300", ["\\`", "\\grave"]],
  ["\u0301", ["\\'", "\\acute"]],
  ["\u0302", ["\\^", "\\hat"]],
  ["\u0303", ["\\~", "\\tilde"]],
  ["\u0304", ["\\=", "\\bar"]],
  ["\u0306", ["\\u", "\\breve"]],
  ["\u0307", ["\\.", "\\dot"]],
  ["\u0308", ['\\"', "\\ddot"]],
  ["\u030a", ["\\r", null]],
  ["\u030b", ["\\H", null]],
  ["\u030c", ["\\v", "\\check"]],
  ["\u0323", ["\\d", null]],
  ["\u0327", ["\\c", null]],
  ["\u0331", ["\\b", null]],
]);

const superscripts = /^[⁰¹²³⁴-ⁿⁱᴬ-ᵡᶜᶠᶻ]$/u;
const subscripts = /^[₀-ₜᵢ-ᵪⱼ]$/u;
const invisible = /^[\p{M}\p{Default_Ignorable_Code_Point}\p{Cc}]$/u;

/** Text as LaTeX on one line. */
export const latexText = (text: string): string =>
  text
    .normalize("NFC")
    .replace(/\s+/g, " ")
    .replace(/[-–—](?=[-–—])|'(?=')|,(?=,)/g, `$&${apart}`)
    .replace(/(\P{M})(\p{M}*)/gu, (cluster, base: string, marks: string) => {
      if (!isKnown(base)) return decomposed(cluster);
      return withAccents(base, [...marks]);
    })
    .replace(/\p{M}/gu, "") // marks without a letter
    .replace(/(?<!\\)\$\$/g, " "); // formulas side by side are one

const isKnown = (base: string) => inMath.has(base) || inText.has(base);

/** A letter of which only the parts are known: é, ά. */
function decomposed(cluster: string): string {
  const [base, ...marks] = [...cluster.normalize("NFD")] as [string, ...string[]];
  const set = marks.every((mark) => /\p{M}/u.test(mark)) && (/^[A-Za-z]$/.test(base) || inMath.has(base));
  return set ? withAccents(base, marks) : character([...cluster][0]!);
}

function withAccents(base: string, marks: readonly string[]): string {
  const sign = inMath.get(base);
  const commands = marks
    .map((mark) => accents.get(mark)?.[sign === undefined ? 0 : 1])
    .filter((command) => command != null);
  const accented = (set: string) => commands.reduce((inner, command) => `${command}{${inner}}`, set);
  if (sign !== undefined) return `$${accented(sign)}$`;
  if (!/^[A-Za-z]$/.test(base)) return character(base);
  return accented(commands.length > 0 && /^[ij]$/.test(base) ? `\\${base}` : base); // without its dot
}

function character(base: string): string {
  const known = inText.get(base);
  if (known !== undefined) return known;
  if (/^[\x20-\x7e]$/.test(base)) return base;
  if (invisible.test(base)) return "";
  const plain = base.normalize("NFKC");
  if (plain === base) return `[U+${base.codePointAt(0)!.toString(16).toUpperCase().padStart(4, "0")}]`;
  const raised = superscripts.test(base) ? "^" : subscripts.test(base) ? "_" : null;
  const letters = [...plain].map((letter) => (/^[A-Za-z0-9()+=]$/.test(letter) ? letter : inMath.get(letter)));
  if (raised && letters.every((letter) => letter !== undefined)) return `$\\null${raised}{${letters.join(" ")}}$`;
  return latexText(plain);
}
