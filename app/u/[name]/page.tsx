/** A person's runs and policies, as others see them. */
import type { Metadata } from "next";
import Link from "next/link";
import { notFound } from "next/navigation";
import { cache } from "react";
import { ButtonLink } from "@/app/_components/controls/controls";
import { Empty } from "@/app/_components/controls/notices";
import { Rule } from "@/app/_components/momentum/rule";
import { RunList } from "@/app/_components/tables/run-list";
import { date } from "@/app/_components/text/format";
import { Section } from "@/app/_components/text/section";
import { currentUser } from "@/lib/server/people/auth";
import { user as findUser } from "@/lib/server/people/users";

export const dynamic = "force-dynamic";

const read = cache(async (name: string) => findUser(decodeURIComponent(name)));

export async function generateMetadata({ params }: PageProps<"/u/[name]">): Promise<Metadata> {
  const found = await read((await params).name);
  return { title: found?.name ?? "Not found" };
}

export default async function UserPage({ params }: PageProps<"/u/[name]">) {
  const [found, viewer] = await Promise.all([read((await params).name), currentUser()]);
  if (!found) notFound();
  const own = viewer?.name === found.name;
  return (
    <>
      <h1>{found.name}</h1>
      <p className="lede">
        Here since {date(found.createdAt)}.
        {own && (
          <>
            {" "}
            <Link href="/settings">Your settings</Link>: quotas, tokens, leaving.
          </>
        )}
      </p>
      <Section id="runs" title="Runs">
        {found.runs.length > 0 ? (
          <RunList caption={`Runs published by ${found.name}, newest first`} runs={found.runs} />
        ) : (
          <Empty
            title="No run published yet"
            actions={
              own && (
                <ButtonLink href="/train" kind="primary">
                  Train now
                </ButtonLink>
              )
            }
          />
        )}
      </Section>
      {found.policies.length > 0 && (
        <Section id="policies" title="Policies">
          <ul className="rows">
            {found.policies.map(({ slug, name, rule }) => (
              <li key={slug} className="py-1">
                <Link href={`/policies/${slug}`}>{name}</Link>{" "}
                <span className="rule text-ink-2">
                  <Rule>{rule}</Rule>
                </span>
              </li>
            ))}
          </ul>
        </Section>
      )}
    </>
  );
}
