/** How fast machines train in a browser: measure this one, and the medians of what others published. */
import type { Metadata } from "next";
import Link from "next/link";
import { Section } from "@/app/_components/text/section";
import { readSpeedsView } from "@/lib/leaderboard";
import { classSpeeds } from "@/lib/server/measurements/read";
import { currentUser } from "@/lib/server/people/auth";
import { Bench } from "./bench";
import { Speeds } from "./speeds";

export const metadata: Metadata = {
  title: "Speed",
  description:
    "Measure in half a minute how fast this machine trains networks in the browser, on WebGPU, WASM and the CPU, and " +
    "compare it with the published medians of other devices.",
};

export const dynamic = "force-dynamic";

export default async function BenchPage({ searchParams }: PageProps<"/bench">) {
  const view = readSpeedsView(await searchParams);
  const [speeds, user] = await Promise.all([classSpeeds(), currentUser()]);
  return (
    <>
      <h1>How fast does this machine train?</h1>
      <p className="lede">
        Three networks on every backend that this browser has: images per second of real training steps, and where their
        time goes.
      </p>
      <noscript>
        <p className="problem mt-4">
          Measuring runs as a program in this page. Allow scripts for this site, then reload; the table needs none.
        </p>
      </noscript>
      <Bench view={view} published={speeds} userName={user?.name ?? null} />
      <Speeds view={view} speeds={speeds} />
      <Section id="how" title="How it is measured" prose>
        <p>
          A step is one of <Link href="/train">a training here</Link>: it gathers its batch from data on the device,
          goes forward and backward, updates the weights with SGD, and loss and statistics are read back for all steps
          of a round. It is captured once and then replayed, as in training. The images are seeded noise in the shape of
          MNIST (MLP) or CIFAR-10 (CNN, ResNet-50), and the learning rate is 0, so that every step does the same work.
        </p>
        <p>
          Each backend first has to pass the self-test of a training. Two steps warm up; then rounds of about a quarter
          of a second, or of 128 steps, follow until the time is up, shared fairly by networks and backends. The figure
          is the median of the rounds, with the least and the most. What can&rsquo;t finish within its share is left
          out, and said to be. A figure includes this page, the browser and whatever else the machine was doing; a
          throttled laptop is measured as it is.
        </p>
        <p>
          The server can&rsquo;t repeat a measurement. It refuses only what no machine can do: more than 10<sup>15</sup>{" "}
          operations a second. Medians over several measurements mean more than a single one.
        </p>
      </Section>
    </>
  );
}
