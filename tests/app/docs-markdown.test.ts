/** The documentation as Markdown: the rules; tests/e2e/embed.spec.ts compares whole pages. */

import Link from "next/link";
import { createElement as h } from "react";
import { expect, it } from "vitest";
import { toMarkdown } from "@/app/docs/markdown/to-markdown";

const address = "https://bench.example/docs/method";
const markdown = (...nodes: Parameters<typeof toMarkdown>[0][]) => toMarkdown(nodes, address);

it("calls components, also those that wait", async () => {
  const Name = async ({ of }: { of: string }) => h("em", null, of);
  expect(await markdown(h("p", null, "The ", h(Name, { of: "trace" }), "."))).toBe("The *trace*.\n");
});

it("writes headings, paragraphs, lists, tables and listings", async () => {
  const page = h(
    "section",
    null,
    h("h2", { id: "a" }, "Ranks"),
    h("p", null, "One", h("br"), "two"),
    h("ul", null, h("li", null, "a"), h("li", null, h("b", null, "b"))),
    h("dl", null, h("div", null, h("dt", null, h("code", null, "seed")), h("dd", null, "of a run"))),
    h(
      "table",
      null,
      h("caption", null, "Words"),
      h(
        "thead",
        null,
        h("tr", null, h("th", null, "group")),
        h("tr", null, h("th", null, "word"), h("th", null, "is")),
      ),
      h("tbody", null, h("tr", null, h("th", null, "or"), h("td", null, h("code", null, "a || b")))),
    ),
    h("p", null, "a | ", h("code", null, "b | c")),
    h("pre", null, "npm start\n"),
  );
  expect(await markdown(page)).toBe(
    [
      "## Ranks",
      "One two",
      "- a\n- **b**",
      "- **`seed`**\n  of a run",
      "Words:",
      "| word | is |\n| --- | --- |\n| or | `a \\|\\| b` |",
      "a | `b | c`",
      "```\nnpm start\n```\n",
    ].join("\n\n"),
  );
});

it("makes links whole, of this site and of the page itself", async () => {
  const links = h("p", null, h(Link, { href: "/log" }, "log"), " ", h("a", { href: "#law" }, "law"));
  expect(await markdown(links)).toBe("[log](https://bench.example/log) [law](https://bench.example/docs/method#law)\n");
});

it("escapes text that Markdown would read, and fences code that has backticks", async () => {
  expect(await markdown(h("p", null, "a*b_c <d> [e] `f`"))).toBe("a\\*b\\_c \\<d> \\[e\\] \\`f\\`\n");
  expect(await markdown(h("p", null, h("code", null, "a`b")))).toBe("``a`b``\n");
  expect(await markdown(h("pre", null, "```\nx\n```"))).toBe("````\n```\nx\n```\n````\n");
});

it("sets apart what only a style sheet sets apart, and nothing else", async () => {
  const item = h("li", null, h("a", { href: "/log" }, "log"), h("span", null, "every change"));
  expect(await markdown(h("ul", null, item))).toBe("- [log](https://bench.example/log) every change\n");
  expect(await markdown(h("p", null, h("code", null, "a"), h("code", null, "b"), "c"))).toBe("`a` `b`c\n");
  const mu = h("var", { className: "hat" }, "μ");
  expect(await markdown(h("p", null, mu, h("sub", null, "B")))).toBe("μ\u0302<sub>B</sub>\n");
});

it("leaves out controls and what is only drawn", async () => {
  expect(
    await markdown(
      h("button", { type: "button" }, "Copy"),
      h("p", { className: "crumbs" }, "Docs"),
      h("p", null, "Text"),
    ),
  ).toBe("Text\n");
});
