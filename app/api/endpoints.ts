/** Every endpoint by its path: the OpenAPI document is made from them. A route that is missing here fails a test. */
import type { Endpoint } from "./endpoint";
import type { Method } from "./other-methods";
import * as maintainer from "./v1/account/maintainer/route";
import * as password from "./v1/account/password/route";
import * as accountProvider from "./v1/account/providers/[provider]/route";
import * as account from "./v1/account/route";
import * as sessions from "./v1/account/sessions/route";
import * as badge from "./v1/benchmarks/[slug]/badge.svg/route";
import * as boardCitation from "./v1/benchmarks/[slug]/citation/route";
import * as boardCroissant from "./v1/benchmarks/[slug]/croissant/route";
import * as boardExport from "./v1/benchmarks/[slug]/export/route";
import * as boardFeed from "./v1/benchmarks/[slug]/feed.xml/route";
import * as benchmark from "./v1/benchmarks/[slug]/route";
import * as tickets from "./v1/benchmarks/[slug]/tickets/route";
import * as benchmarks from "./v1/benchmarks/route";
import * as compare from "./v1/compare/route";
import * as datasetFile from "./v1/datasets/[slug]/[file]/route";
import * as datasetCroissant from "./v1/datasets/[slug]/croissant/route";
import * as example from "./v1/datasets/[slug]/examples/[index]/route";
import * as datasets from "./v1/datasets/route";
import * as dumpFile from "./v1/dumps/[date]/[file]/route";
import * as dumps from "./v1/dumps/route";
import * as externalRecord from "./v1/external/[id]/route";
import * as external from "./v1/external/route";
import * as appeal from "./v1/flags/[id]/appeal/route";
import * as decision from "./v1/flags/[id]/decision/route";
import * as evidence from "./v1/flags/[id]/evidence/route";
import * as reply from "./v1/flags/[id]/reply/route";
import * as flag from "./v1/flags/[id]/route";
import * as flags from "./v1/flags/route";
import * as health from "./v1/health/route";
import * as leaderboard from "./v1/leaderboard/route";
import * as logFeed from "./v1/log/feed.xml/route";
import * as log from "./v1/log/route";
import * as measurement from "./v1/measurements/[id]/route";
import * as medians from "./v1/measurements/medians/route";
import * as measurements from "./v1/measurements/route";
import * as readNotices from "./v1/notices/read/route";
import * as notices from "./v1/notices/route";
import * as noticeSettings from "./v1/notices/settings/route";
import * as oembed from "./v1/oembed/route";
import * as policyCitation from "./v1/policies/[slug]/citation/route";
import * as policy from "./v1/policies/[slug]/route";
import * as policiesFeed from "./v1/policies/feed.xml/route";
import * as policies from "./v1/policies/route";
import * as ready from "./v1/ready/route";
import * as recording from "./v1/recording/route";
import * as runCitation from "./v1/runs/[id]/citation/route";
import * as predictions from "./v1/runs/[id]/predictions/route";
import * as run from "./v1/runs/[id]/route";
import * as weights from "./v1/runs/[id]/weights/route";
import * as compareRuns from "./v1/runs/compare/route";
import * as runs from "./v1/runs/route";
import * as score from "./v1/score/route";
import * as scoring from "./v1/scoring/route";
import * as search from "./v1/search/route";
import * as token from "./v1/tokens/[id]/route";
import * as tokens from "./v1/tokens/route";
import * as trajectory from "./v1/trajectories/[hash]/route";
import * as trajectories from "./v1/trajectories/route";
import * as user from "./v1/users/[name]/route";
import * as work from "./v1/work/route";

const routes = {
  "/api/v1/health": health,
  "/api/v1/ready": ready,
  "/api/v1/work": work,
  "/api/v1/leaderboard": leaderboard,
  "/api/v1/benchmarks": benchmarks,
  "/api/v1/benchmarks/{slug}": benchmark,
  "/api/v1/benchmarks/{slug}/tickets": tickets,
  "/api/v1/compare": compare,
  "/api/v1/benchmarks/{slug}/export": boardExport,
  "/api/v1/benchmarks/{slug}/citation": boardCitation,
  "/api/v1/benchmarks/{slug}/croissant": boardCroissant,
  "/api/v1/benchmarks/{slug}/badge.svg": badge,
  "/api/v1/benchmarks/{slug}/feed.xml": boardFeed,
  "/api/v1/oembed": oembed,
  "/api/v1/policies": policies,
  "/api/v1/policies/feed.xml": policiesFeed,
  "/api/v1/policies/{slug}": policy,
  "/api/v1/policies/{slug}/citation": policyCitation,
  "/api/v1/score": score,
  "/api/v1/scoring": scoring,
  "/api/v1/recording": recording,
  "/api/v1/runs": runs,
  "/api/v1/runs/compare": compareRuns,
  "/api/v1/runs/{id}": run,
  "/api/v1/runs/{id}/citation": runCitation,
  "/api/v1/runs/{id}/predictions": predictions,
  "/api/v1/runs/{id}/weights": weights,
  "/api/v1/external": external,
  "/api/v1/external/{id}": externalRecord,
  "/api/v1/measurements": measurements,
  "/api/v1/measurements/medians": medians,
  "/api/v1/measurements/{id}": measurement,
  "/api/v1/datasets": datasets,
  "/api/v1/datasets/{slug}/croissant": datasetCroissant,
  "/api/v1/datasets/{slug}/{file}": datasetFile,
  "/api/v1/datasets/{slug}/examples/{index}": example,
  "/api/v1/dumps": dumps,
  "/api/v1/dumps/{date}/{file}": dumpFile,
  "/api/v1/search": search,
  "/api/v1/trajectories": trajectories,
  "/api/v1/trajectories/{hash}": trajectory,
  "/api/v1/account": account,
  "/api/v1/account/password": password,
  "/api/v1/account/providers/{provider}": accountProvider,
  "/api/v1/account/sessions": sessions,
  "/api/v1/account/maintainer": maintainer,
  "/api/v1/tokens": tokens,
  "/api/v1/tokens/{id}": token,
  "/api/v1/notices": notices,
  "/api/v1/notices/read": readNotices,
  "/api/v1/notices/settings": noticeSettings,
  "/api/v1/users/{name}": user,
  "/api/v1/flags": flags,
  "/api/v1/flags/{id}": flag,
  "/api/v1/flags/{id}/evidence": evidence,
  "/api/v1/flags/{id}/reply": reply,
  "/api/v1/flags/{id}/appeal": appeal,
  "/api/v1/flags/{id}/decision": decision,
  "/api/v1/log": log,
  "/api/v1/log/feed.xml": logFeed,
};

export type Routes = typeof routes;

/** Path → method → endpoint, without the methods that get 405. */
export const endpoints: Readonly<Record<string, Readonly<Partial<Record<Method, Endpoint>>>>> = Object.fromEntries(
  Object.entries(routes).map(([path, handlers]) => [
    path,
    Object.fromEntries(
      Object.entries(handlers).filter(([, handler]) => typeof handler === "function" && "description" in handler),
    ),
  ]),
);
