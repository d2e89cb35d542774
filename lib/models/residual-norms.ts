/** The norms of ResNet-50, known without building it: where they are, how wide, and which of them are batch norms. */
import type { Variant } from "@/lib/records";
import type { NamedLayer } from "./plain-norms";
import { scaledTo } from "./plain-norms";

export const EXPANSION = 4;
export const stages = [
  { width: 64, blocks: 3, stride: 1 },
  { width: 128, blocks: 4, stride: 2 },
  { width: 256, blocks: 6, stride: 2 },
  { width: 512, blocks: 3, stride: 2 },
] as const;

export type BottleneckPlace = "stem" | "first" | "second" | "third" | "shortcut";

const batchFree: Record<Variant, readonly BottleneckPlace[]> = {
  bn: [],
  "bn-bfn": ["stem", "second"],
  "bn-bfn-p1": ["stem", "first"],
  "bn-bfn-p3": ["stem", "third"],
  bfn: ["stem", "first", "second", "third", "shortcut"],
};

export const isBatchFreeInBottleneck = (place: BottleneckPlace, variant: Variant): boolean =>
  batchFree[variant].includes(place);

/** The batch norms of ResNet-50 in forward order. */
export function residualBatchNorms(width: number, variant: Variant): NamedLayer[] {
  const stem = { name: "stem-norm", channels: scaledTo(64, width), place: "stem" as const };
  const blocks = stages.flatMap((stage, index) =>
    Array.from({ length: stage.blocks }, (_, block) => {
      const name = `stage${index + 1}.${block + 1}`;
      const channels = scaledTo(stage.width, width);
      return [
        { name: `${name}.norm1`, channels, place: "first" as const },
        { name: `${name}.norm2`, channels, place: "second" as const },
        ...(block === 0
          ? [{ name: `${name}.shortcut-norm`, channels: EXPANSION * channels, place: "shortcut" as const }]
          : []),
        { name: `${name}.norm3`, channels: EXPANSION * channels, place: "third" as const },
      ];
    }).flat(),
  );
  return [stem, ...blocks]
    .filter(({ place }) => !isBatchFreeInBottleneck(place, variant))
    .map(({ name, channels }) => ({ name, channels }));
}
