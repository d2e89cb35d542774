/** The test examples that a method of a run got wrong, from its published predictions. */
import "server-only";
import { decodeSafetensors } from "@/lib/records";
import type { ArtifactStore } from "../artifacts";
import { artifacts, getIntact } from "../artifacts";
import type { Database } from "../database/client";
import { database } from "../database/client";
import { testData } from "../datasets";
import { predictionsOf } from "./read";

export interface Mistake {
  /** Index of the example in the test split, from 0. */
  index: number;
  /** Class ids. */
  truth: number;
  predicted: number;
  /** Other methods of the run that got it wrong too. */
  others: number;
}

interface Parts {
  db: Database;
  store: ArtifactStore;
  testData: typeof testData;
}

/** A method's mistakes, those that the fewest other methods share first; null if predictions or labels are missing. */
export async function mistakes(
  runId: string,
  { method, dataset, take }: { method: string; dataset: string; take: number },
  { db, store, testData: readTestData }: Parts = { db: database(), store: artifacts(), testData },
): Promise<{ mistakes: Mistake[]; of: number } | null> {
  const artifact = await predictionsOf(runId, db);
  const [file, data] = await Promise.all([artifact && getIntact(store, artifact), readTestData(dataset)]);
  if (!file || "reason" in data) return null;
  const { tensors } = decodeSafetensors(file);
  const predictions = tensors.find(({ name }) => name === method)?.values;
  if (!predictions) return null;
  const others = tensors.filter(({ name }) => name !== method).map(({ values }) => values);
  const wrong: Mistake[] = [];
  for (let index = 0; index < predictions.length; index++) {
    const truth = data.testLabels[index]!;
    if (predictions[index] !== truth)
      wrong.push({
        index,
        truth,
        predicted: Number(predictions[index]),
        others: others.filter((values) => values[index] !== truth).length,
      });
  }
  wrong.sort((a, b) => a.others - b.others || a.index - b.index);
  return { mistakes: wrong.slice(0, take), of: wrong.length };
}
