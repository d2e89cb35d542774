/** Methods of networks that people trained with code of their own: names, and figures with whose they are. */
import Link from "next/link";
import { datasets } from "@/lib/datasets/registry";
import type { PublishedExternal } from "@/lib/server/external/read";
import { percent, significant } from "../text/format";

type Method = PublishedExternal["methods"][number];

/** "91.2 % accuracy, computed here" or "0.912 macro F1, claimed": any other metric may be no fraction. */
export function ExternalFigure({ figures, value, metric }: Pick<Method, "figures" | "value"> & { metric: string }) {
  const isAccuracy = figures !== null || metric === "accuracy";
  return (
    <>
      {isAccuracy ? `${percent(figures?.accuracy ?? value)} %` : significant(value)}{" "}
      <span className="text-ink-3">
        {isAccuracy ? "accuracy" : metric}, {figures ? "computed here" : "claimed"}
      </span>
    </>
  );
}

/** The policy's name, with a link where the site has the policy. */
export const ExternalPolicy = ({ slug, policy }: Pick<Method, "slug" | "policy">) =>
  slug ? <Link href={`/policies/${slug}`}>{policy}</Link> : <span className="wrap-anywhere">{policy}</span>;

/** The data set's name: as registered, or as its author calls it. */
export const taskName = ({ dataset, name }: Pick<PublishedExternal["task"], "dataset" | "name">): string =>
  name ?? datasets.find(({ slug }) => slug === dataset)?.name ?? dataset;
