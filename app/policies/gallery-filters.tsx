/** The gallery's filters and ranking: a form that works without JavaScript. */
import Form from "next/form";
import { Button, Field, Select } from "@/app/_components/controls/controls";
import { benchmarks, variantLabels } from "@/lib/leaderboard";
import type { View } from "./view";
import { boardVariants } from "./view";

export function GalleryFilters({ view }: { view: View }) {
  return (
    <Form action="/policies" className="filters mt-4" role="search" aria-label="Policies">
      <Field
        label="Search"
        name="q"
        type="search"
        defaultValue={view.search}
        placeholder="name, rule, source, author"
      />
      <Select label="Rank on" name="board" defaultValue={view.board}>
        {benchmarks.map(({ slug, title }) => (
          <option key={slug} value={slug}>
            {title}
          </option>
        ))}
      </Select>
      <Select label="Trained with" name="variant" defaultValue={view.variant}>
        {boardVariants.map((variant) => (
          <option key={variant} value={variant}>
            {variantLabels[variant]}
          </option>
        ))}
      </Select>
      {view.kind && <input type="hidden" name="kind" value={view.kind} />}
      {view.sort && <input type="hidden" name="sort" value={view.sort.key} />}
      {view.sort && <input type="hidden" name="direction" value={view.sort.direction} />}
      <Button type="submit">Show</Button>
    </Form>
  );
}
