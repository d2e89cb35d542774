/** Every metric with what it rewards and how it misleads, from the same source as the tips. */
import type { Column } from "@/app/_components/tables/data-table";
import { DataTable } from "@/app/_components/tables/data-table";
import type { MetricGuide } from "@/app/_components/text/metric-guide";
import { metricGuide } from "@/app/_components/text/metric-guide";

const words = (key: "definition" | "rewards" | "misleads", head: string): Column<MetricGuide> => ({
  key,
  head,
  cell: (metric) => <span className="sentence">{metric[key]}</span>,
});

const columns: Column<MetricGuide>[] = [
  {
    key: "name",
    head: "Metric",
    cell: ({ name, better }) => (
      <>
        {name}
        <span className="margin"> {better} is better</span>
      </>
    ),
  },
  words("definition", "what it is"),
  words("rewards", "what it rewards"),
  words("misleads", "how it misleads"),
];

export function MetricTable() {
  return (
    <DataTable
      caption="The metrics: what each is, what it rewards and how it misleads"
      columns={columns}
      rows={Object.values(metricGuide)}
      rowKey={({ name }) => name}
    />
  );
}
