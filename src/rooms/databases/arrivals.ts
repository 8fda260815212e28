import type { Actor, Resource } from "#src/access/access.ts";
import type { Route } from "#src/http/routes.ts";
import { createFetches } from "./fetches.ts";
import type { Fetches, FetchesParts } from "./fetches.ts";
import { previewRoutes } from "./previewroutes.ts";
import type { PreviewsRoutesParts } from "./previewroutes.ts";
import { createPreviews } from "./previews.ts";
import type { Previews, PreviewsParts } from "./previews.ts";
import { performRefresh } from "./refresh.ts";
import type { RefreshParts } from "./refresh.ts";
import { sourceRoutes } from "./sourceroutes.ts";
import type { SourceRoutesParts } from "./sourceroutes.ts";
import { createSources } from "./sources.ts";
import type { Run, Sources } from "./sources.ts";

/** All ways by which files arrive before they are imported: looked at first, fetched from elsewhere, or fetched again and again. */
export interface Arrivals {
  previews: Previews;
  fetches: Fetches;
  sources: Sources;
  find(actor: Actor, preview: string): Promise<Resource | null>;
  /** Takes up what is queued, and looks each minute what is due. */
  work(): Promise<void>;
  sweep(): Promise<void>;
}

const refreshesAtOnceMax = 1;

export function createArrivals(parts: PreviewsParts & Omit<FetchesParts, "previews"> & RefreshParts): Arrivals {
  const { queue } = parts;
  const previews = createPreviews(parts);
  const fetches = createFetches({ ...parts, previews });
  const sources = createSources(parts);
  return {
    previews, fetches, sources, find: previews.find, sweep: previews.sweep,
    async work() {
      await fetches.work();
      await queue.work("refresh", { concurrency: refreshesAtOnceMax }, (run: Run, signal) => performRefresh(parts, run, signal));
      await queue.work("refresh-due", { concurrency: 1, lookSeconds: 20 }, () => sources.queueDue());
      await queue.schedule("refresh-due", "* * * * *", {});
    },
  };
}

export function arrivalsRoutes({ arrivals, ...parts }: { arrivals: Arrivals } & Omit<PreviewsRoutesParts & SourceRoutesParts, "previews" | "fetches" | "sources">): Route[] {
  return [...previewRoutes({ ...parts, previews: arrivals?.previews, fetches: arrivals?.fetches }), ...sourceRoutes({ ...parts, sources: arrivals?.sources })];
}
