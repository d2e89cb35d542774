/** The licence of what is published on this site. */
import type { Licence } from "@/lib/records";

/** It may be used, with its source named. */
export const resultsLicence = {
  name: "CC BY 4.0",
  url: "https://creativecommons.org/licenses/by/4.0/",
} as const satisfies Licence;
