/** The view of the page that chooses a momentum, as its URL describes it. */
import { z } from "zod";
import { modelNames, textSchema } from "@/lib/records";
import type { SearchParams } from "./url-state";
import { urlState } from "./url-state";

/** The libraries that the page speaks; the first is the default. */
export const frameworkNames = ["pytorch", "keras", "flax", "tf-layers"] as const;
export type FrameworkName = (typeof frameworkNames)[number];

const whole = z
  .string()
  .regex(/^[1-9]\d{0,6}$/)
  .transform(Number);

const chooseViewSchema = z.strictObject({
  framework: z.enum(frameworkNames).default(frameworkNames[0]),
  dataset: textSchema({ max: 64 }).default("digits"),
  model: z.enum(modelNames).default("mlp-deep"),
  /** Images in a batch; any, though only those between measured ones are answered. */
  batch: whole.default(8),
  /** Training steps, likewise. */
  steps: whole.default(3000),
});

export type ChooseView = z.infer<typeof chooseViewSchema>;

const address = urlState(chooseViewSchema);

/** The view that a URL describes; invalid parameters are ignored. */
export const readChooseView = (params: SearchParams): ChooseView => address.read(params);

/** The URL of a view with some changes; defaults are left out, so equal views have equal URLs. */
export const chooseHref = (view: ChooseView, change: Partial<ChooseView> = {}): string =>
  address.href("/choose", { ...view, ...change });
