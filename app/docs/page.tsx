/** The index of the documentation. */
import type { Metadata } from "next";
import Link from "next/link";

export const metadata: Metadata = {
  title: "Documentation",
  description: "How DMBench measures, the policy language, the command, files for Python, running a site, and the API.",
};

const pages = [
  {
    href: "/docs/method",
    name: "How it measures",
    about: "Estimation shift, DMBN in our reading, why one run scores every policy, tiers, intervals and ranks",
  },
  {
    href: "/docs/policies",
    name: "The policy language",
    about: "A momentum policy in one line: variables, functions, the three kinds of document, what is refused and why",
  },
  {
    href: "/docs/command",
    name: "The command",
    about: "Train, repeat the study, record and score trajectories, publish, all without the site",
  },
  {
    href: "/docs/python",
    name: "Files and Python",
    about:
      "What a run leaves behind, a short program that gets the same score again, and one file that scores every momentum " +
      "on a network of your own",
  },
  {
    href: "/docs/running",
    name: "Running a site",
    about: "One machine, containers or functions; settings, sign-in, maintainers, backup, upgrade, PostgreSQL",
  },
  { href: "/docs/api", name: "The API", about: "Everything the pages show and do, for programs; OpenAPI 3.1" },
  {
    href: "/bench",
    name: "Speed",
    about: "How fast this machine trains on WebGPU, WASM and the CPU, where the time goes, and how other devices do",
  },
  {
    href: "/choose",
    name: "Which momentum?",
    about: "What every β costs at your batch and number of steps, the safe band, and lines to copy for your library",
  },
  {
    href: "/external",
    name: "Networks of your own",
    about: "What people scored on networks that they trained with code of their own, and how to bring yours",
  },
  { href: "/study", name: "The study", about: "The dissertation’s comparison, run with this code" },
] as const;

export default function DocsPage() {
  return (
    <>
      <h1>Documentation</h1>
      <p className="lede">Whoever only wants to see it work starts with a training run: the digits take seconds.</p>
      <dl className="facts section">
        {pages.map(({ href, name, about }) => (
          <div key={href}>
            <dt>
              <Link href={href}>{name}</Link>
            </dt>
            <dd>{about}</dd>
          </div>
        ))}
      </dl>
    </>
  );
}
