/**
 * Names that no account gets: words that the site uses itself, for roles, authors, routes and its own name, in any
 * spelling that looks like them.
 */
import "server-only";
import { builtInPolicies } from "@/lib/dmbn/policy";
import { builtInAuthor } from "@/lib/leaderboard";
import { lookAlikeKey } from "../look-alike";

const words = [
  // roles, and whom a message may claim to come from
  "admin admins administrator administrators root superuser sysadmin operator moderator moderators mod mods",
  "maintainer maintainers owner owners user users member members account accounts person people author authors",
  "staff team crew support help helpdesk contact info news security abuse legal privacy terms billing official",
  "system bot robot server host hostmaster postmaster webmaster mail mailer noreply no-reply service",
  // what stands in the place of a name
  `${builtInAuthor} deleted deleted-account a-deleted-account nobody anybody anyone someone somebody everyone everybody`,
  "anonymous guest unknown missing none null nil undefined nan true false me you self myself this default",
  "yourname your-name name username example test",
  // its own name
  "dmbn dmbench dm-bench dmbench-org dmbench-bot dmbench-team the-site site website benchmark benchmarks",
  // routes: tests/server/look-alike.test.ts compares them with the folders of app/ and public/
  "api auth bench choose compare contribute datasets docs embed external fonts health leaderboard llms.txt log map markdown moderation notices policies policy python results runs run settings signin status",
  "running sign-in signup sign-up signout sign-out login logout register study train trajectories trajectory wasm",
  "badge board boards command measure measurement measurements method methods schemas search studies new edit u www static public assets icon favicon robots sitemap openapi",
].flatMap((line) => line.split(" "));

const reserved = new Set(
  [...words, ...builtInPolicies.flatMap(({ name, slug }) => [name, slug])].map((word) => lookAlikeKey(word)),
);

/** Whether a name looks like a word that the site uses itself. */
export const isReservedName = (name: string): boolean => reserved.has(lookAlikeKey(name));
