/** What happened to what the user published. */
import type { Metadata } from "next";
import Link from "next/link";
import { redirect } from "next/navigation";
import { ApiForm } from "@/app/_components/controls/api-form";
import { Choices } from "@/app/_components/controls/controls";
import { Empty } from "@/app/_components/controls/notices";
import { date } from "@/app/_components/text/format";
import { Section } from "@/app/_components/text/section";
import { noticeKindNames, noticeKinds } from "@/lib/leaderboard";
import { mutedNotices, noticesOf } from "@/lib/server/notices/read";
import { currentUser } from "@/lib/server/people/auth";

export const metadata: Metadata = { title: "Notices", robots: { index: false } };

export const dynamic = "force-dynamic";

const take = 50;

export default async function NoticesPage({ searchParams }: PageProps<"/notices">) {
  const user = await currentUser();
  if (!user) redirect("/signin?callbackUrl=/notices");
  const { after } = await searchParams;
  const last = typeof after === "string" && /^[0-9a-f-]{36}$/.test(after) ? after : undefined;
  const [notices, muted] = await Promise.all([noticesOf(user.id, { take, after: last }), mutedNotices(user.id)]);
  const [newest] = notices.filter(({ readAt }) => readAt === null);
  return (
    <>
      <h1>Notices</h1>
      <p className="lede">What happened to what you published. No mail is sent.</p>
      {notices.length === 0 ? (
        <div className="mt-4">
          <Empty title="Nothing yet">
            Here it says when the server has trained a run of yours again, when somebody reproduces it, and the like.
          </Empty>
        </div>
      ) : (
        <ul className="rows mt-4">
          {notices.map(({ id, title, href, text, createdAt, readAt }) => (
            <li key={id} className="py-2">
              {readAt === null && <strong className="font-semibold">New: </strong>}
              <Link href={href}>{title}</Link>. {text}{" "}
              <time dateTime={createdAt.toISOString()} className="text-ink-3">
                {date(createdAt)}
              </time>
            </li>
          ))}
        </ul>
      )}
      {notices.length === take && (
        <p className="mt-3">
          <Link href={`/notices?after=${notices.at(-1)!.id}`}>Older ones</Link>
        </p>
      )}
      {newest && (
        <div className="mt-4">
          <ApiForm
            path="/api/v1/notices/read"
            account={user.name}
            fixed={{ until: newest.createdAt.toISOString() }}
            submit="Mark all as read"
            kind="secondary"
          />
        </div>
      )}
      <Section id="kinds" title="Which ones you want">
        <ApiForm
          key={muted.join()}
          path="/api/v1/notices/settings"
          account={user.name}
          lists={["wanted"]}
          submit="Save"
          kind="secondary"
        >
          <Choices legend="Tell me when">
            {noticeKindNames.map((kind) => (
              <label key={kind} className="check">
                <input type="checkbox" name="wanted" value={kind} defaultChecked={!muted.includes(kind)} />
                <span>{noticeKinds[kind]}</span>
              </label>
            ))}
          </Choices>
        </ApiForm>
      </Section>
    </>
  );
}
