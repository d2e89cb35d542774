/**
 * How DMBench measures: the quantities, the method, why one run scores every policy, and the statistics on the boards.
 */
import type { Metadata } from "next";
import Link from "next/link";
import { Equation, Hat, RunningMeanEquation } from "@/app/_components/momentum/equation";
import type { Column } from "@/app/_components/tables/data-table";
import { DataTable } from "@/app/_components/tables/data-table";
import { Fact, Facts } from "@/app/_components/tables/facts";
import { Crumbs } from "@/app/_components/text/crumbs";
import { percent } from "@/app/_components/text/format";
import { Section } from "@/app/_components/text/section";
import { fewestSeeds } from "@/lib/evaluation";
import type { Benchmark } from "@/lib/leaderboard";
import { benchmarks, replayBound, shiftTolerance, tiers, weightsKept, weightsLimitBytes } from "@/lib/leaderboard";
import { checkCommitment } from "./check-commitment";
import { MetricTable } from "./metric-table";

export const metadata: Metadata = {
  title: "How it measures",
  description:
    "Estimation shift, DMBN in our reading, exact scoring of every policy on one run, tiers, and the statistics " +
    "of the boards.",
};

const boundColumns: readonly Column<Benchmark>[] = [
  { key: "benchmark", head: "benchmark", cell: ({ title }) => title },
  {
    key: "bound",
    head: "may differ",
    align: "end",
    cell: ({ auditBound }) => (auditBound === undefined ? "first steps, spread" : `${percent(auditBound)} %`),
  },
];

export default function MethodPage() {
  return (
    <>
      <Crumbs path={[{ href: "/docs", title: "Documentation" }]} />
      <h1>How it measures</h1>
      <Section id="average" title="The running average" prose>
        <p>
          While it trains, batch norm normalizes each channel by the mean and variance of the batch at hand. For
          inference it keeps running averages of both. The momentum β says how much of the old average stays:
        </p>
        <RunningMeanEquation />
        <p>
          β weighs the old value everywhere here, as in Keras; PyTorch calls 1 − β its momentum. An average with a
          constant β remembers about 1/(1 − β) batches. The variance that is averaged is the unbiased one, as in
          PyTorch, unless a policy says otherwise; those named after other libraries average what these do.
        </p>
      </Section>
      <Section id="law" title="Why one run scores every policy" prose>
        <p>
          In training mode nothing reads the running averages. So no momentum changes a loss, a gradient or a weight,
          and a run that wrote down the statistics of its batches (the <em>trace</em>) can be replayed under any β
          afterwards, giving exactly the averages that training would have kept. Comparisons between policies are paired
          by construction: same weights, same test images.
        </p>
        <p>
          The server makes use of it: it keeps training runs of its own and replays a submitted policy on them, so
          nothing that anybody claims has to be believed. The law ends where evaluation feeds back into training, as
          with early stopping or checkpoints chosen by inference accuracy; such runs are not offered.
        </p>
      </Section>
      <Section id="shift" title="Estimation shift" prose>
        <p>
          What a layer keeps, <Hat>μ</Hat> and <Hat>σ</Hat>, is compared with the mean μ and deviation σ of the input
          that it really receives at inference, with the layers before it using their own averages, over a calibration
          split of the training data:
        </p>
        <Equation
          words={
            "Estimation shift is the norm of the difference of means plus the norm of the difference of standard " +
            "deviations"
          }
        >
          ESM = ‖<Hat>μ</Hat> − <var>μ</var>‖ + ‖<Hat>σ</Hat> − <var>σ</var>‖
        </Equation>
        <p>
          Norms run over channels; run pages also give both parts relative to σ, comparable between layers. The term is
          from Huang and others, <cite>Delving into the Estimation Shift of Batch Normalization in a Network</cite>,
          CVPR 2022. A low shift is not the goal itself: the least shift is not always the best accuracy, and the boards
          show both.
        </p>
      </Section>
      <Section id="dmbn" title="DMBN, in our reading" prose>
        <p>
          The dissertation (Pendyala Sai Srujan,{" "}
          <a href="https://hdl.handle.net/10263/7588">
            <cite>Understanding Batch-Normalization in Deep Neural Networks</cite>
          </a>
          , MTech, Indian Statistical Institute Kolkata, June 2025, supervised by Sasanka Roy and Shubhra Sankar Ray)
          gives each layer the momentum that minimizes its estimation shift. The grid, the way expected statistics were
          obtained and the training protocol are not public, so what runs here is our reading: layer after layer in
          forward order, each candidate&rsquo;s averages are compared with what the layer receives behind the choices
          already made, and the candidate with the least shift stays. One pass over the calibration split; test data are
          never looked at. The page of <Link href="/policies/dmbn">DMBN</Link> lists its candidates, and its variants
          (independent, per channel, separate, biased, total, periodic, closed form) are policies beside it.
        </p>
        <p id="readings">
          The text says “momentum (or equivalently, β)”, which is Keras&rsquo;s word, and Keras averages the biased
          variance; PyTorch averages the unbiased one. Both readings are possible, and at small batches they differ by
          more than momenta do. So <Link href="/policies/dmbn">DMBN</Link> (unbiased) and{" "}
          <Link href="/policies/dmbn-biased">DMBN, biased variance</Link> stand side by side wherever the method is
          shown, and a comparison with fixed momenta stays within one estimator.
        </p>
        <p>
          <Link href="/policies/precise-bn">Sequential recalibration</Link> stands next to it on every board: it
          measures the statistics after training on the same calibration split, layer after layer in inference mode, so
          its shift is zero by construction and it costs the same. That bounds the shift, not the accuracy. It is not
          the algorithm of torch&rsquo;s <code>update_bn</code> or of fvcore&rsquo;s PreciseBN, which measure in
          training mode, batch by batch: documents with <code>batches</code> do that.
        </p>
      </Section>
      <Section id="metrics" title="Metrics">
        <MetricTable />
        <p className="note mt-3">
          One class against the rest, then the plain mean over classes; 0/0 counts as 0. On a balanced test set of K
          classes sensitivity is the accuracy again and specificity is 1 − (1 − accuracy)/(K − 1).
        </p>
      </Section>
      <Section id="statistics" title="Intervals, ranks and ties" prose>
        <p>
          A board is methods × runs × test images of right and wrong answers. Other seeds would change a mean, and so
          would other test images: on 355 digits the images alone leave ±1.5 points open where the seeds say ±0.3. The
          interval of an accuracy and of a difference is for both: the variance over seeds of the seeds&rsquo; means,
          divided by their number, plus the same over images (Owen, <cite>The pigeonhole bootstrap</cite>, 2007). All
          methods answer the same images on the same seeds, so what they share cancels in a difference.
        </p>
        <p>
          A board of seventy methods has 2,415 pairs. Their intervals hold all at once with 95 % confidence: mean ± c ·
          standard error, where c is found by drawing boards without any difference, with the covariances that were
          observed, and taking the largest |t| of each. From them follows each method&rsquo;s range of ranks: one more
          than the number of methods that are better, up to all that are not worse (Mogstad, Romano, Shaikh and Wilhelm,{" "}
          <cite>Inference for Ranks</cite>, 2024). In simulations such intervals hold as often as they say from ten runs
          on and too seldom with five, so below {fewestSeeds} runs a board shows no ranks. The same intervals are behind
          the gap to the best, the comparison of two methods, badges and a policy&rsquo;s page: a pair has one answer
          everywhere.
        </p>
        <p>
          A board&rsquo;s resolution is the share of its pairs that are told apart, and the smallest difference among
          them. Methods that predict the same on every run stand in one row. A tie is a difference that isn&rsquo;t told
          apart and whose whole interval lies within ±0.3 points. For two sets of predictions on one test set the exact
          McNemar test is used; a single accuracy has a Wilson interval, about ±0.6 points at 88.9 % of 10,000. Metrics
          other than the accuracy carry Student&rsquo;s interval over seeds. Runs by users are compared on the seeds
          that at least two thirds of their methods share.
        </p>
        <p>
          Whoever tries a hundred policies on the same held-out runs finds one that fits them by chance. So a row says
          how many policies its author has had scored on the board, and of an author&rsquo;s rows the best three are
          shown (Blum and Hardt, <cite>The Ladder</cite>, 2015, on why such tries must be counted).
        </p>
        <p>
          How far that has gone can be measured: <code>dmbench snapshot</code> scores a board&rsquo;s first methods on
          fresh runs, from seeds that nobody was ever ranked on, and writes both ranks side by side in a dated document.
          What leads by chance falls back there. The seeds are in the document, so these runs rank nobody afterwards.
        </p>
      </Section>
      <Section id="over-boards" title="Over all boards" prose>
        <p>
          The <Link href="/leaderboard">leaderboard</Link> asks which policy is close to the best wherever it is used.
          The regret of a method on a board is the highest mean accuracy there less its own; its mean over boards says
          how much is lost on average, its worst how safe the method is everywhere. A method that was not scored on some
          board stands after those that were scored on all. Regret depends on who else is on the board: a new best
          method adds to everybody&rsquo;s.
        </p>
        <p>
          The interquartile mean is the mean of the middle half of all accuracies over boards and runs, each board with
          the same weight; its 95 % interval is a bootstrap that draws runs anew within each board, so it is about other
          runs of the same boards, not about other boards (Agarwal and others,{" "}
          <cite>Deep Reinforcement Learning at the Edge of the Statistical Precipice</cite>, 2021). A performance
          profile shows on which share of the boards a method is at most so many points behind (Dolan and Moré,{" "}
          <cite>Benchmarking optimization software with performance profiles</cite>, 2002).
        </p>
      </Section>
      <Section id="steps" title="How a step is computed, and why it repeats" prose>
        <p>
          A seed fixes the weights, the split, the order of examples and their shifts; nothing adds numbers in an order
          that may change, so a run on the same backend gives the same bits each time. Between backends float32 is
          rounded differently: losses agree to a few digits less, and a record names its backend. Convolutional networks
          amplify that: once one activation changes sign or one maximum its place, weights differ by thousandths after
          six steps, between float64 runs that begin 10⁻⁷ apart too. Of 15,975 predictions of 45 policies, a GPU (an
          NVIDIA H200) gave other ones than WASM for 0 on the short run of the digits&rsquo; MLP, 9 on the long one, 791
          on their CNN and 4,950 on the deep MLP, whose thousand steps at batch 4 amplify most; a second run gave each
          of its own again. Before a backend is trusted it does five small training steps that have to agree with plain
          JavaScript.
        </p>
        <p>
          On WebGPU the data set lies on the device, and the second step is recorded: every program with what it reads
          and writes. All later steps are that list again, with the learning rate and the batch&rsquo;s place in the
          epoch read from the device, so that nothing is uploaded for a step. The recorded steps give the bits of steps
          that are handed over one by one. Where something can&rsquo;t be recorded the steps are handed over, and the
          page that trains says why; it also says how many programs a step has, and where its time goes.
        </p>
      </Section>
      <Section id="tiers" title="What was checked">
        <Facts>
          {tiers.map(({ tier, label, meaning }) => (
            <Fact key={tier} name={label}>
              {meaning}
            </Fact>
          ))}
        </Facts>
        <p className="note mt-3">
          The Closed division, recomputed by the server, holds what the server computed on its own held-out runs, from
          seeds that it drew and shows to nobody while they are in use. The Open division, runs by users, holds what
          people trained in their browsers. Pages, exports and the API show the Closed one unless the other is asked
          for, and leaders are always of the Closed one.
        </p>
      </Section>
      <Section id="audits" title="How a run by somebody is checked" prose>
        <p>
          A board gives each run its seed, which nobody could choose. Runs of dense networks, a random tenth of the
          others, every run that is flagged, that lies far from the reference runs, or without which a method would not
          lead are then trained again by the server, from what the run says of itself, within a daily budget of
          processor time. On WASM a training has the same bits in a browser and on the server, whatever the number of
          threads, so an honest run’s every prediction and loss comes out again.
        </p>
        <p>
          Other backends, and other browsers’ own logarithms, round sums differently. On some benchmarks that changes
          hardly a prediction: there each method may differ in as many as the table says, from what was measured between
          WASM and plain JavaScript, whatever backend the run names. On the others, deep networks at batch 4 and
          convolutions among them, rounding decides the whole run. There the losses of the first steps are compared, to
          within a thousandth (a twentieth where a curve’s first point is the mean of more than two steps), and the
          accuracies must lie where those of the reference runs do; a run that has another run’s predictions in every
          method is found out.
        </p>
        <p>
          Where most audited runs of a backend and adapter differ, of three accounts or more, that device class is set
          aside: its runs count once an audit of their own has passed. <Link href="/status#audits">Status</Link> has the
          classes.
        </p>
        <p>
          What differs doesn’t rank: the page says why, the log has an entry, and a flag lets the author answer and a
          maintainer decide. Against a decision that hides a result its author can appeal once: another maintainer
          decides. What was made with another version of DMBench can’t be told, and doesn’t rank either. No method leads
          a board of runs by users before all of its runs were trained again.
        </p>
        <div className="mt-3">
          <DataTable
            caption="How much of a method’s predictions may differ, by benchmark"
            columns={boundColumns}
            rows={benchmarks}
            rowKey={({ slug }) => slug}
          />
        </div>
      </Section>
      <Section id="reproductions" title="Reproductions" prose>
        <p>
          A run of the same benchmark, variant and seed by another account is a reproduction of the first, whether it
          says so or not. Both pages say how many of the predictions are the same; on a board a seed counts as
          reproduced from 99 %. It is the other account’s word: predictions are public and could be copied, and the
          server trains a run again only where an audit does.
        </p>
      </Section>
      <Section id="weights" title="Weights and trace of a run" prose>
        <p>
          With a run for a board go its final weights and its trace, the mean and variance of every batch: one
          safetensors file of at most {weightsLimitBytes / 1e6} MB, a trajectory, as <code>/api/v1/trajectories</code>{" "}
          has them. The server reads it only if it is of this run: recipe, variant, seed, data and layers, nothing
          missing or more, every number finite. Then it scores the run’s methods on it and compares. A run whose weights
          give other predictions (a method may differ in {100 * replayBound} %, which rounding changes), or another
          estimation shift than it claims (by more than {100 * shiftTolerance} %), doesn’t rank; methods that chose
          while the network trained can’t be scored again, and are left out.
        </p>
        <p>
          Once the run has also passed an audit, its trajectory joins the public ones: the playground and every policy
          are scored on it. The run’s page says how many it has scored. Of each board and variant a site keeps the first{" "}
          {weightsKept.scoredAtOnce}, of networks that take long {weightsKept.others}. A run that is hidden, or no
          longer counts, takes its trajectory with it.
        </p>
      </Section>
      <Section id="commitments" title="How to check a held-out run" prose>
        <p>
          Before anything is scored on a held-out run, the <Link href="/log">log</Link> and{" "}
          <code>/api/v1/trajectories</code> show a commitment: the HMAC-SHA-256 of the run&rsquo;s seed, a space, and
          the SHA-256 of its file, under a random key of 32 bytes. It tells nothing about the run, and the site
          can&rsquo;t exchange the run later. The seed has 53 random bits, too many to find it by training and comparing
          scores.
        </p>
        <p>
          Whoever runs the site can retire a run with <code>dmbench retire</code>. It then ranks nobody, a new one with
          a new number is recorded in its place, and the log and <code>/api/v1/trajectories</code> show its seed, key
          and SHA-256, and where its file is. This prints the commitment that was announced, if the run is the one:
        </p>
        <pre tabIndex={0} aria-label="Checking a commitment" className="my-3">
          {checkCommitment}
        </pre>
        <p>
          The file can be trained again, from the same seed by the same version of DMBench on the same backend:{" "}
          <code className="wrap-anywhere">dmbench trajectory --benchmark digits-mlp --seeds SEED</code>.
        </p>
        <p>
          Runs that a site recorded with an earlier version have no key: for them the SHA-256 itself was announced, and
          is still shown. Their seeds have 32 bits, which many processors can search, so a site does well to retire
          them.
        </p>
        <p className="note mt-3" id="published-results">
          A board whose runs would take hours, or need a data set that isn&rsquo;t here, first shows results that come
          with the software: what every built-in policy scored on runs from public seeds.{" "}
          <Link href="/docs/command#results">
            <code>dmbench results --verify</code>
          </Link>{" "}
          trains such a run again on the same backend and compares every figure, to the last bit. Policies that people
          submit can&rsquo;t be scored on them, and public seeds could be chosen to suit a policy, so they give way to
          held-out runs as soon as the site has {fewestSeeds} of its own.
        </p>
      </Section>
      <Section id="rules" title="What a published run has to agree with" prose>
        <p>
          Everything that follows from a run&rsquo;s recipe, variant and policies is derived again and compared: its
          steps, its parameters, its batch-norm layers and their channels, the momentum that each policy can give a
          layer, which layers lie at the edge of the candidates, at which steps the curves have points, and images per
          second. Accuracy, sensitivity, specificity, F-score and the confusion matrix are derived from the predictions.
          Every other number has a range. A record that differs is refused, with each field that does.
        </p>
        <p>
          Estimation shift, losses and times in the Open division are claimed, as the browser measured them, and tables
          and exports say so of the shift: no prediction tells them. Nor can the server know that a network made the
          predictions. The Closed division measures everything itself.
        </p>
        <p>
          When these rules change, a site checks at its next start what it stored before. A run that contradicts them
          stays where it is and its page says what it contradicts, but it ranks nowhere; so does a policy that can no
          longer be read. Should it agree with later rules, it ranks again.
        </p>
      </Section>
    </>
  );
}
