/** Makes the programs that score, from the sources as they are, before tests start them. */
import { makePrograms } from "@/lib/server/bundle";

export const setup = (): Promise<void> => makePrograms();
