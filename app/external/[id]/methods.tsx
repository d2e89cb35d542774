/** The methods of a record, the best first. */
import { Rule } from "@/app/_components/momentum/rule";
import type { Column } from "@/app/_components/tables/data-table";
import { DataTable, Missing } from "@/app/_components/tables/data-table";
import { ExternalPolicy } from "@/app/_components/tables/external-method";
import { percent, significant } from "@/app/_components/text/format";
import { externalFigure } from "@/lib/leaderboard";
import { figures as metrics } from "@/lib/records";
import type { PublishedExternal } from "@/lib/server/external/read";

type Method = PublishedExternal["methods"][number];

interface MethodsProps {
  methods: readonly Method[];
  metric: string;
  /** Whether the server has computed figures. */
  isScored: boolean;
}

export function Methods({ methods, metric, isScored }: MethodsProps) {
  return (
    <DataTable
      caption="Methods that were scored on this network, the best first"
      columns={[
        policy,
        ...(isScored ? computed : []),
        ...(isScored && metric === "accuracy" ? [] : [claimed(metric)]),
        ...others,
      ]}
      rows={methods.toSorted((a, b) => externalFigure(b) - externalFigure(a))}
      rowKey={(method) => method.policy}
    />
  );
}

const policy: Column<Method> = {
  key: "policy",
  head: "Policy",
  cell: (method) => (
    <>
      <ExternalPolicy {...method} />
      {method.rule !== method.policy && (
        <span className="rule text-ink-2">
          {" "}
          <Rule>{method.rule}</Rule>
        </span>
      )}
    </>
  ),
};

const computed = (["accuracy", "sensitivity", "specificity", "fScore"] as const).map(
  (name): Column<Method> => ({
    key: name,
    head: metrics[name].head,
    group: "computed by the server, %",
    align: "end",
    cell: ({ figures }) => figures && percent(figures[name]),
  }),
);

const claimed = (metric: string): Column<Method> => ({
  key: "value",
  head: metric === "accuracy" ? "accuracy, %" : metric,
  group: "claimed",
  align: "end",
  cell: ({ value }) => (metric === "accuracy" ? percent(value) : significant(value)),
});

const others: readonly Column<Method>[] = [
  {
    key: "shift",
    head: "shift",
    group: "claimed",
    align: "end",
    cell: ({ shift }) => (shift === null ? <Missing why="not measured" /> : significant(shift)),
  },
  { key: "beta", head: "β of the layers", group: "claimed", cell: ({ momentumPerLayer }) => inRuns(momentumPerLayer) },
];

/** The most runs of equal β that are written out. */
const mostRuns = 6;

/** "0.9 × 3, 0.99": layers from the first, neighbours with the same β together. */
function inRuns(layers: Method["momentumPerLayer"]): string {
  const runs: { beta: string; layers: number }[] = [];
  for (const momentum of layers) {
    const beta = typeof momentum === "number" ? String(Number(momentum.toPrecision(4))) : (momentum ?? "–");
    const last = runs.at(-1);
    if (last?.beta === beta) last.layers += 1;
    else runs.push({ beta, layers: 1 });
  }
  const words = runs.slice(0, mostRuns).map(({ beta, layers }) => (layers > 1 ? `${beta} × ${layers}` : beta));
  return [...words, ...(runs.length > mostRuns ? ["…"] : [])].join(", ");
}
