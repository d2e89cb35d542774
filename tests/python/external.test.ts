/** A folder that dmbn.py writes, read by `dmbench submit external`, is taken by a server: the two agree on the format. */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { json } from "node:stream/consumers";
import { expect, it } from "vitest";
import { externalSubmissionSchema } from "@/lib/leaderboard";
import { publishExternal } from "@/lib/server/external/publish";
import { findExternal } from "@/lib/server/external/read";
import { signUp } from "@/lib/server/people/accounts";
import { dmbench, scratch } from "../cli/command";
import { onEachDatabase } from "../server/databases";
import { digits } from "../support/digits";
import { findPython, runPython } from "../support/python";

/** A network on the digits, scored on the whole test set, once as the digits and once as other data. */
const training = `
import json, sys
sys.path.insert(0, "public/python")
import torch, dmbn
from torch import nn
given = json.load(sys.stdin)
torch.manual_seed(0)
torch.set_num_threads(1)
inputs, labels = (torch.tensor(given[key]) for key in ("images", "labels"))
model = nn.Sequential(nn.Linear(64, 16), nn.BatchNorm1d(16), nn.ReLU(), nn.Linear(16, 10))
optimizer = torch.optim.SGD(model.parameters(), 0.1)
with dmbn.Recorder(model, steps_per_epoch=20) as recorder:
    for step in range(40):
        rows = torch.randint(len(inputs), (32,))
        optimizer.zero_grad()
        nn.functional.cross_entropy(model(inputs[rows]), labels[rows]).backward()
        optimizer.step()
test = [(inputs, labels)]
policies = ["pytorch-default", "0.5", "dmbn", {"kind": "recalibrate", "samples": 16}]
table = dmbn.scores(model, recorder.trace(), [inputs[:64]], test, policies, keep_predictions=True)
table.save(given["digits"], "Tiny", dataset="digits", classes=10, description="A line.\\nAnother.", link="https://example.org/code")
table.save(given["other"], "Tiny", task="Handwriting", classes=10)
print(json.dumps([row.metric for row in table]))
`;

const torch = findPython("torch");
if (!torch) it.skip("a folder of dmbn.py (skipped: apt-get install python3-torch)");
else
  onEachDatabase("a folder of dmbn.py", (installation) => {
    it("is published once, with the figures that it claims of the digits, which the server derives itself", async () => {
      const { db, testData } = installation();
      const made = await signUp({ name: "bringer", password: "correct horse battery" }, db);
      if (!("user" in made)) throw new Error("no account");
      const { test } = await digits();
      const folders = { digits: scratch(), other: scratch() };
      const metrics = await runPython<number[]>(torch, ["-B", "-c", training], {
        ...folders,
        images: Array.from({ length: test.count }, (_, i) =>
          [...test.images.slice(64 * i, 64 * (i + 1))].map((x) => x / 16),
        ),
        labels: [...test.labels],
      });

      // The API's own parts: the route itself needs a whole site, and e2e/api.spec.ts has one.
      const server = createServer(async (request, response) => {
        const publication = await publishExternal(externalSubmissionSchema.parse(await json(request)), made.user.id, {
          db,
          labels: testData,
        });
        if ("refusals" in publication) throw new Error(JSON.stringify(publication.refusals));
        const body = { url: `/external/${publication.id}`, created: publication.created };
        response.setHeader("content-type", "application/json").end(JSON.stringify(body));
      });
      await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
      const env = {
        DMBENCH_TOKEN: "dmb_x",
        DMBENCH_SITE: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
      };
      const submit = async (folder: string) => {
        const { code, out, err } = await dmbench(["submit", "external", folder], { env });
        expect({ code, err }).toEqual({ code: 0, err: "" });
        return out;
      };
      const [first, again, other] = [
        await submit(folders.digits),
        await submit(folders.digits),
        await submit(folders.other),
      ];
      server.close();
      expect([first, again, other].map((out) => out.split(":")[0])).toEqual([
        "Published",
        "Published before",
        "Published",
      ]);
      const stored = async (out: string) => (await findExternal(out.trim().split("/").at(-1)!, db))!;
      const { methods, network, training: run, task } = await stored(first);
      expect(methods.map(({ figures, value }) => [figures!.accuracy, value])).toEqual(
        metrics.map((metric) => [metric, metric]),
      );
      expect(methods.map(({ slug }) => slug)).toEqual(["pytorch-default", null, "dmbn", null]);
      expect(network).toEqual({
        name: "Tiny",
        description: "A line.\nAnother.",
        parameters: 64 * 16 + 16 + 2 * 16 + 16 * 10 + 10,
        batchNorms: 1,
        channels: 16,
      });
      expect(run).toEqual({ batchSize: 32, steps: 40, epochs: 2, learningRate: null });
      expect(task.dataset).toBe("digits");
      expect(await stored(again)).toEqual(await stored(first));
      expect((await stored(other)).methods.map(({ figures }) => figures)).toEqual([null, null, null, null]);
    });
  });
