/** Order, variant and boards of the board over all boards: links and a form that lead to URLs. */
import Form from "next/form";
import { Button, ButtonLink, Checkbox, Choices, SegmentLinks } from "@/app/_components/controls/controls";
import { Menu } from "@/app/_components/controls/menu";
import type { OverBoardsView } from "@/lib/leaderboard";
import { overBoardsHref, referenceVariants, variantLabels } from "@/lib/leaderboard";

interface OverBoardsControlsProps {
  view: OverBoardsView;
  choices: readonly { slug: string; title: string; methods: number }[];
}

export function OverBoardsControls({ view, choices }: OverBoardsControlsProps) {
  const { board, variant, sort, rows } = view;
  const offered = choices.filter(({ methods, slug }) => methods > 0 || board.includes(slug));
  const isOn = (slug: string) => board.length === 0 || board.includes(slug);
  const order = (key: OverBoardsView["sort"], label: string) => ({
    href: overBoardsHref(view, { sort: key, direction: undefined }),
    label,
    current: sort === key,
  });
  return (
    <div className="board-bar mb-3">
      <SegmentLinks
        label="Order"
        options={[order("mean", "Least regret"), order("worst", "Safe everywhere"), order("iqm", "Interquartile mean")]}
      />
      <SegmentLinks
        label="Variant"
        options={[
          { href: overBoardsHref(view, { variant: [] }), label: "Every variant", current: variant.length === 0 },
          ...referenceVariants.map((name) => ({
            href: overBoardsHref(view, { variant: [name] }),
            label: variantLabels[name],
            current: variant.length === 1 && variant[0] === name,
          })),
        ]}
      />
      {offered.length > 1 && (
        <Menu label={board.length > 0 ? `Boards, ${board.length}` : "Boards"}>
          <Form action="/leaderboard" scroll={false}>
            {variant.map((name) => (
              <input key={name} type="hidden" name="variant" value={name} />
            ))}
            {sort !== "mean" && <input type="hidden" name="sort" value={sort} />}
            {rows !== "first" && <input type="hidden" name="rows" value={rows} />}
            <Choices legend="Count these">
              {offered.map(({ slug, title }) => (
                <Checkbox
                  key={`${slug} ${isOn(slug)}`}
                  name="board"
                  value={slug}
                  label={title}
                  defaultChecked={isOn(slug)}
                />
              ))}
            </Choices>
            <div className="mt-3 flex flex-wrap gap-2">
              <Button type="submit" kind="primary">
                Show these
              </Button>
              <ButtonLink href={overBoardsHref(view, { board: [] })} kind="plain" scroll={false}>
                All of them
              </ButtonLink>
            </div>
          </Form>
        </Menu>
      )}
    </div>
  );
}
