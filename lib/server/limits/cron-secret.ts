/** Who may ask for background work: a cron service, with the secret that the settings name. */
import "server-only";
import { createHash, timingSafeEqual } from "node:crypto";
import { env } from "../env";

const digest = (text: string): Uint8Array => createHash("sha256").update(text).digest();

/** Whether the request has `Authorization: Bearer CRON_SECRET`; never without such a setting. The time it takes tells nothing. */
export function hasCronSecret(headers: Pick<Headers, "get">, secret: string = env().CRON_SECRET ?? ""): boolean {
  const [, sent = ""] = /^Bearer (.+)$/i.exec(headers.get("authorization") ?? "") ?? [];
  return timingSafeEqual(digest(sent), digest(secret)) && secret !== "";
}
