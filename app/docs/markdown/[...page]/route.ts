/** A page of the documentation as Markdown, for programs; next.config.js leads `/docs/*.md` here. */
import { siteOrigin } from "@/lib/server/site-origin";
import { revalidated, Tagged } from "../../../api/serialize";
import { markdownPages } from "../pages";
import { toMarkdown } from "../to-markdown";

export const dynamic = "force-dynamic";

export async function GET(request: Request, { params }: { params: Promise<{ page: string[] }> }) {
  const name = (await params).page.join("/");
  const page = markdownPages.get(name);
  if (!page) return new Response("There is no such page. See /llms.txt for those that there are.\n", { status: 404 });
  const address = `${siteOrigin(request.headers)}/docs/${name}`;
  return revalidated(request, new Tagged(await toMarkdown(page(), address)), {
    "content-type": "text/markdown; charset=utf-8",
    "cache-control": "public, no-cache",
    link: `<${address}>; rel="canonical"`,
  });
}
