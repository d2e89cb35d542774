/** /llms.txt: what is where, for programs that read the site on somebody's behalf (llmstxt.org). */
import { benchmarks } from "@/lib/leaderboard";
import { siteOrigin } from "@/lib/server/site-origin";

/** Title, address, and what is there. */
type Entry = readonly [title: string, path: string, what: string];

const answers: readonly Entry[] = [
  ["Contribute a run", "/contribute", "which board of runs by users needs a run most, and why"],
  ["Which momentum?", "/choose", "the safe momenta at a batch size and a number of steps"],
  ["The map as CSV", "/map/map.csv", "what every momentum costs in every measured place"],
  ["The study", "/study", "the dissertation's comparison run again: DMBN, static momenta, BN-BFN"],
  ["Our own policy", "/study/our-policy", "a closed form for small batches, registered before its runs"],
  ["Leaderboard", "/leaderboard", "every method over all boards"],
  [
    "Networks of people's own",
    "/external",
    "policies scored on networks trained with own code, not repeated by the server",
  ],
  ["Policies", "/policies", "every momentum policy, with its rule, scores and code for PyTorch, Keras and tf.layers"],
];

const documentation: readonly Entry[] = [
  ["How it measures", "/docs/method.md", "running statistics, estimation shift, ranks, what was checked"],
  ["The policy language", "/docs/policies.md", "how a policy is written"],
  ["The command", "/docs/command.md", "train, repeat the study, publish, from a terminal"],
  [
    "Files and Python",
    "/docs/python.md",
    "what a run leaves behind, how to replay it, and how to score a network of your own",
  ],
  ["API", "/docs/api.md", "every operation; reading needs no account, from any site"],
  [
    "Score a document",
    "/docs/api#post-score",
    "POST a policy document; its accuracy on public runs, without an account",
  ],
  ["Policies as a feed", "/api/v1/policies/feed.xml", "Atom: the newest; boards and the log have feeds too"],
  ["OpenAPI document", "/api/v1/openapi.json", "the same for programs"],
];

export function GET(request: Request): Response {
  const origin = siteOrigin(request.headers);
  const listed = (entries: readonly Entry[]) =>
    entries.map(([title, path, what]) => `- [${title}](${origin}${path}): ${what}`).join("\n");
  const boards = benchmarks.map(
    ({ slug, title, summary }): Entry => [title, `/api/v1/benchmarks/${slug}/export?format=csv`, summary],
  );
  const text = `# DMBench

> An open benchmark for the momentum of batch normalization. No momentum changes the weights, so one training run scores
> every policy exactly, and the server recomputes any submitted policy on runs of its own.

β is the share of the old average that each step keeps, as in Keras; PyTorch's momentum is 1 − β. Figures of the Closed
division were recomputed by the server; those of the Open division are runs by users.

## Answers

${listed(answers)}

## Boards as CSV

${listed(boards)}

## Documentation

${listed(documentation)}
`;
  return new Response(text, { headers: { "content-type": "text/plain; charset=utf-8" } });
}
