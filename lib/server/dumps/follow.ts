/** How a mirror follows a site: by its newest dump. */
import "server-only";
import { OperationError } from "../backup/operation-error";
import { alone } from "../database/alone";
import type { OpenDatabase } from "../database/client";
import { newestManifest, withFetchedDump } from "./fetch";
import { importDump } from "./import";
import { importedAt } from "./mirror";

/**
 * Replaces everything by the newest dump of a site, in one transaction, if it is newer than what is here.
 * @returns the date of the dump that is here now; null if nothing changed
 * @throws OperationError if it can't be fetched, or is of another version, or this database is no mirror's; nothing is
 *   changed then
 */
export const follow = (site: string, opened: OpenDatabase): Promise<Date | null> =>
  alone(
    opened,
    () => {},
    async () => {
      const newest = await newestManifest(site);
      const here = await importedAt(opened.client);
      if (!newest || (here && here >= new Date(newest.manifest.createdAt))) return null;
      if (!here && (await opened.client.user.count()) > 0)
        throw new OperationError(
          "DMBENCH_MIRROR_OF: this database has accounts of its own, which a mirror would remove. Name an empty one.",
        );
      const { createdAt } = await withFetchedDump(newest.address, (folder) =>
        importDump(folder, async () => opened, { replace: true, staged: !opened.embedded }),
      );
      return new Date(createdAt);
    },
  );
