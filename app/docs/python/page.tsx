/**
 * The files of a run, the Python module that records and scores a network of one's own, and the source of the program
 * that reproduces a run's score.
 */

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
  description:
    "What a run leaves behind, one Python file that scores every momentum on a network of your own, and a short program " +
    "that reproduces a run's scores.",
};

const program = join(process.cwd(), "public", "python", "reproduce.py");

/** All that a training script needs. */
const recording = `from dmbn import Recorder, apply, scores

with Recorder(model, steps_per_epoch=len(loader)) as recorder:
    train(model, loader)  # yours, unchanged
recorder.save("trace.safetensors")

trace = recorder.trace()
table = scores(model, trace, calibration, validation)  # batches of (inputs, labels)
print(table)
apply(model, table.best.policy, trace, calibration)`;

/** What publishes a network. */
const publishing = `table = scores(model, trace, calibration, test, keep_predictions=True)
table.save("my-network", "Narrow ResNet-18", dataset="fashion-mnist", classes=10,
           description="An eighth of the width.", learning_rate="0.1, cosine")`;

export default async function PythonPage() {
  const code = await readFile(program, "utf8");
  return (
    <>
      <Crumbs path={[{ href: "/docs", title: "Documentation" }]} />
      <h1>Files and Python</h1>
      <p className="lede">
        A run is files that other programs can open. From them, and nothing else, its scores can be had again. And one
        file records a network of your own, in PyTorch, and scores every momentum on it.
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
        id="your-network"
        title="Your own network"
        note={
          <>
            One file for PyTorch (tried with 1.13 and 2.13). Training never reads running statistics, so one run,
            recorded, gives those of every momentum on the same weights. β weighs the old value: PyTorch’s momentum is 1
            − β.
          </>
        }
      >
        <pre tabIndex={0} aria-label="Recording and scoring a training run">
          {recording}
        </pre>
        <div className="my-3 flex flex-wrap gap-2">
          <CopyButton text={recording}>Copy the lines</CopyButton>
          <a className="button" data-kind="secondary" href="/python/dmbn.py" download>
            Download dmbn.py
          </a>
          <a className="button" data-kind="secondary" href="/python/your-network.ipynb" download>
            Download the notebook
          </a>
        </div>
        <p className="note mb-3">
          The notebook trains a narrow ResNet-18 on the digits in seconds, on one core; put dmbn.py and{" "}
          <a href="/datasets/digits/digits.csv.gz" download>
            digits.csv.gz
          </a>{" "}
          beside it. The table has every <Link href="/policies">built-in policy</Link>, except the two that a recording
          can’t give: one chooses during training, the other reads what follows each layer. In Keras (tried with 3.15 on
          TensorFlow, JAX and PyTorch), the callback <code>KerasRecorder(batch_size)</code> records the same trace,
          which is replayed with NumPy.
        </p>
        <Facts>
          <Fact name="Gradient accumulation">
            each micro-batch updates the running statistics once, as in PyTorch, and is recorded once
          </Fact>
          <Fact name="Mixed precision">
            statistics are computed in float32 from what the layer gets, as PyTorch computes its own
          </Fact>
          <Fact name="DistributedDataParallel">
            each process records its own batches; PyTorch keeps the statistics of rank 0, so save there. SyncBatchNorm
            over several processes is refused, since one process doesn’t see the whole batch
          </Fact>
          <Fact name="A layer called several times">
            every call is an update. Averages are scored; what measures layer after layer, as DMBN does, is not, and the
            table says so
          </Fact>
          <Fact name="Frozen layers">
            a layer in inference mode, or without running statistics, averages nothing and isn’t recorded; scoring
            refuses a trace that lacks a layer with running statistics
          </Fact>
          <Fact name="Memory">
            8 bytes a channel and step: 212 kB a step for ResNet-50. It stops with a warning at 1 GiB, or at{" "}
            <code>max_bytes</code>
          </Fact>
        </Facts>
        <p className="note mt-3">
          What a difference in the table says: all policies share one set of weights, so it comes from the statistics
          alone, on these examples. What it can’t say: this is one run of one seed, and has no interval. On 200 examples
          one answer is half a point, and another seed can order close policies otherwise; train several seeds and look
          at the difference in each, as <Link href="/docs/method#statistics">the boards</Link> do. The best of many on
          the validation examples looks better there than it is: measure it on examples that chose nothing. Where
          training looks at inference (early stopping, a checkpoint chosen by validation), another momentum would have
          given other weights.
        </p>
      </Section>
      <Section
        id="publish"
        title="Publish it"
        note={
          <>
            Others see it under <Link href="/external">networks of your own</Link>, and as a dot where{" "}
            <Link href="/choose">a momentum is chosen</Link>. The server can’t repeat the training, so it is on no
            board.
          </>
        }
      >
        <pre tabIndex={0} aria-label="Writing what is published">
          {publishing}
        </pre>
        <pre tabIndex={0} aria-label="Commands that publish" className="mt-3">
          npm run -s dmbench -- login{"\n"}npm run -s dmbench -- submit external my-network
        </pre>
        <div className="my-3 flex flex-wrap gap-2">
          <CopyButton text={publishing}>Copy the lines</CopyButton>
        </div>
        <Facts>
          <Fact name="A data set of this site">
            its slug, as <a href="/api/v1/datasets">the list</a> has it. <code>test</code> is then its whole test set,
            in the order of its file, not shuffled: the server scores the predictions with its own labels, and refuses
            an accuracy that they don’t have
          </Fact>
          <Fact name="Other data">
            <code>task="…"</code> in place of <code>dataset</code>: its name. No predictions are sent, and every figure
            is shown as claimed
          </Fact>
          <Fact name="What is written">
            <code>external.json</code> (format <code>dmbench-external-1</code>): network, data, training, and of each
            policy its metric, β of the layers and shift; and, of a data set of this site,{" "}
            <code>predictions.safetensors</code> with a class for each test example, by policy
          </Fact>
          <Fact name="Twice">sent again, the same folder is stored once. On its page you can take it back</Fact>
        </Facts>
      </Section>
      <Section
        id="program"
        title="The same score, in Python"
        note={
          <>
            Train a multilayer perceptron in a terminal, then let Python average the trace anew by each policy’s
            document and classify the test set. What averages can’t give (recalibration, choices per channel or during
            training) is refused by name. It needs numpy, and dmbn.py beside it, which reads and averages the trace.
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
          <a className="button" data-kind="secondary" href="/python/dmbn.py" download>
            and dmbn.py
          </a>
        </div>
        <pre tabIndex={0} aria-label="reproduce.py">
          {code}
        </pre>
      </Section>
    </>
  );
}
