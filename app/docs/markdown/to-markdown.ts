/**
 * A page of the documentation as Markdown (CommonMark with tables), from the elements that the page itself is made of,
 * so that there is no second copy of its text. Controls, which need a browser, are left out.
 */
import Link from "next/link";
import type { ComponentType, ReactElement, ReactNode } from "react";
import { Fragment, isValidElement } from "react";

interface HostElement {
  tag: string;
  props: Readonly<Record<string, unknown>>;
  children: readonly Part[];
}

/** What the page's own elements come to: text, and elements of HTML. */
type Part = string | HostElement;

/** @param address of the page, for what it links to */
export async function toMarkdown(page: ReactNode, address: string): Promise<string> {
  return `${blocks(await resolve(page), address).join("\n\n")}\n`;
}

/** Calls components until only text and HTML are left. */
async function resolve(node: ReactNode): Promise<Part[]> {
  const known = await node;
  if (known === null || known === undefined || typeof known === "boolean") return [];
  if (typeof known === "string" || typeof known === "number" || typeof known === "bigint") return [String(known)];
  if (!isValidElement(known)) return (await Promise.all([...(known as Iterable<ReactNode>)].map(resolve))).flat();
  const { type, props } = known as ReactElement<{ children?: ReactNode }>;
  if (type === Fragment) return resolve(props.children);
  const tag = (type as unknown) === Link ? "a" : type;
  if (typeof tag === "string") return [{ tag, props: { ...props }, children: await resolve(props.children) }];
  return isControl(type) ? [] : resolve((type as (props: object) => ReactNode)(props));
}

/** Whether it is a client component: the bundler gives the server a reference in its place. */
const isControl = (type: unknown): boolean =>
  typeof type !== "function" || (type as ComponentType & { $$typeof?: symbol }).$$typeof !== undefined;

const headings: Readonly<Record<string, string>> = { h1: "#", h2: "##", h3: "###", h4: "####" };
const containers = new Set(["article", "aside", "div", "figure", "footer", "header", "main", "nav", "section"]);
const omitted = new Set(["button", "form", "input", "script", "select", "style", "svg", "textarea"]);

const isOmitted = ({ tag, props }: HostElement): boolean =>
  omitted.has(tag) || props["aria-hidden"] === "true" || props.className === "crumbs";

function blocks(nodes: readonly Part[], address: string): string[] {
  const found: string[] = [];
  let words: Part[] = [];
  const endParagraph = () => {
    const text = inline(words, address).trim();
    if (text) found.push(text);
    words = [];
  };
  for (const node of nodes) {
    const made = typeof node === "string" ? null : block(node, address);
    if (!made) words.push(node);
    else {
      endParagraph();
      for (const one of made) found.push(one);
    }
  }
  endParagraph();
  return found;
}

/** Null for what is part of a paragraph. */
function block(element: HostElement, address: string): string[] | null {
  const { tag, children } = element;
  if (isOmitted(element)) return [];
  if (tag in headings) return [`${headings[tag]} ${inline(children, address).trim()}`];
  if (tag === "p") return blocks(children, address);
  if (tag === "pre") return [fenced(textOf(children))];
  if (tag === "dl") return [definitions(children, address).join("\n")];
  if (tag === "ul" || tag === "ol")
    return [
      elements(children, "li")
        .map((item, index) => `${tag === "ul" ? "-" : `${index + 1}.`} ${inline(item.children, address).trim()}`)
        .join("\n"),
    ];
  if (tag === "table") return table(element, address);
  return containers.has(tag) ? blocks(children, address) : null;
}

/** "- **name**: value" */
const definitions = (nodes: readonly Part[], address: string): string[] =>
  nodes.flatMap((node) => {
    if (typeof node === "string") return [];
    if (node.tag === "div") return definitions(node.children, address);
    const text = inline(node.children, address).trim();
    return node.tag === "dt" ? [`- **${text}**`] : [`  ${text}`];
  });

function table({ children }: HostElement, address: string): string[] {
  const [caption] = elements(children, "caption");
  const rows = elements(children, "thead", "tbody").flatMap((part) =>
    elements(part.children, "tr")
      .slice(part.tag === "thead" ? -1 : 0) // the heads of groups are above
      .map((row) => elements(row.children, "th", "td").map((cell) => inCell(inline(cell.children, address)))),
  );
  const [head = [], ...body] = rows;
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
  return [
    ...(caption ? [`${inline(caption.children, address)}:`] : []),
    [line(head), line(head.map(() => "---")), ...body.map(line)].join("\n"),
  ];
}

const inCell = (text: string): string => text.replace(/\s+/g, " ").trim().replaceAll("|", "\\|");

const elements = (nodes: readonly Part[], ...tags: string[]): HostElement[] =>
  nodes.filter((node): node is HostElement => typeof node !== "string" && tags.includes(node.tag));

/** Elements that a style sheet sets apart, where nothing is between them. */
const apart = new Set(["a", "code", "kbd", "span", "time"]);

function inline(parts: readonly Part[], address: string): string {
  return parts
    .map((part, index) => {
      if (typeof part === "string") return escaped(part);
      const before = parts[index - 1];
      const isApart =
        before !== undefined && typeof before !== "string" && apart.has(before.tag) && apart.has(part.tag);
      return (isApart ? " " : "") + phrase(part, address);
    })
    .join("");
}

function phrase(element: HostElement, address: string): string {
  const { tag, props, children } = element;
  if (isOmitted(element)) return "";
  const text = inline(children, address);
  switch (tag) {
    case "a":
      return typeof props.href === "string" ? `[${text}](${new URL(props.href, address).href})` : text;
    case "code":
    case "kbd":
      return code(textOf(children));
    case "b":
    case "strong":
      return `**${text}**`;
    case "em":
    case "cite":
      return `*${text}*`;
    case "var":
      return props.className === "hat" ? `${text}\u0302` : text;
    case "sub":
    case "sup":
      return `<${tag}>${text}</${tag}>`;
    case "br":
      return " ";
    default:
      // What is a block of its own within a cell or an item still has to be apart from what is before.
      return containers.has(tag) || tag === "p" || props.className === "block" ? ` ${text}` : text;
  }
}

const textOf = (nodes: readonly Part[]): string =>
  nodes.map((node) => (typeof node === "string" ? node : textOf(node.children))).join("");

const escaped = (text: string): string => text.replace(/[\\`*_[\]<]/g, "\\$&");

/** Backticks, one more than the longest row of them within. */
const fenceOf = (text: string, least: number): string =>
  "`".repeat([...text.matchAll(/`+/g)].reduce((most, [ticks]) => Math.max(most, ticks.length + 1), least));

function code(text: string): string {
  const fence = fenceOf(text, 1);
  const space = text.startsWith("`") || text.endsWith("`") ? " " : "";
  return `${fence}${space}${text.replace(/\s+/g, " ")}${space}${fence}`;
}

function fenced(text: string): string {
  const fence = fenceOf(text, 3);
  return `${fence}\n${text.replace(/\n$/, "")}\n${fence}`;
}
