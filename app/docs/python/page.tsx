/** The files of a run, and the source of the Python program that reproduces its score from them. */

import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Metadata } from "next";
import Link from "next/link";
import { CopyButton } from "@/app/_components/controls/copy-button";
import { Fact, Facts } from "@/app/_components/tables/facts";
import { Crumbs } from "@/app/_components/text/crumbs";
import { Section } from "@/app/_components/text/section";

export const metadata: Metadata = {
  title: "Files and Python",
  description: "What a run leaves behind, and a short Python program that replays its trace and reproduces its scores.",
};

const program = join(process.cwd(), "public", "python", "reproduce.py");

export default async function PythonPage() {
  const code = await readFile(program, "utf8");
  return (
    <>
      <Crumbs path={[{ href: "/docs", title: "Documentation" }]} />
      <h1>Files and Python</h1>
      <p className="lede">
        A run is files that other programs can open. From them, and nothing else, its scores can be had again.
      </p>
      <Section id="files" title="What a run leaves behind">
        <Facts>
          <Fact name={<code>record.json</code>}>
            what was asked for and what came of it: benchmark, recipe, seed, data hash, backend, versions; for every
            policy its document (from format 2), metrics, confusion matrix, momentum and estimation shift per layer;
            curves and timings. The same schema that the site publishes and <Link href="/docs/api">the API</Link>{" "}
            answers with
          </Fact>
          <Fact name={<code>weights.safetensors</code>}>
            the trained parameters by name, float32; kernels are input × output, convolutions height × width × input ×
            output
          </Fact>
          <Fact name={<code>trace.safetensors</code>}>
            for each batch-norm layer <code>mean</code> and <code>variance</code> of every batch, steps × channels: what
            any momentum is replayed on
          </Fact>
          <Fact name={<code>predictions.safetensors</code>}>
            the predicted class of every test example under every policy
          </Fact>
        </Facts>
        <p className="note mt-3">
          Safetensors files open with <code>safetensors.numpy.load_file</code>. Networks whose trace would be too large
          keep the running averages alone, and the record says so.
        </p>
      </Section>
      <Section
        id="program"
        title="The same score, in Python"
        note={
          <>
            Train a multilayer perceptron in a terminal, then let Python average the trace anew by each policy’s
            document and classify the test set. What averages can’t give (recalibration, choices per channel or during
            training) is refused by name. It needs numpy alone.
          </>
        }
      >
        <pre tabIndex={0} aria-label="Commands">
          npm run -s dmbench -- train --dataset digits --out results{"\n"}python3 public/python/reproduce.py results
        </pre>
        <div className="my-3 flex flex-wrap gap-2">
          <CopyButton text={code}>Copy the program</CopyButton>
          <a className="button" data-kind="secondary" href="/python/reproduce.py" download>
            Download reproduce.py
          </a>
        </div>
        <pre tabIndex={0} aria-label="reproduce.py">
          {code}
        </pre>
      </Section>
    </>
  );
}
