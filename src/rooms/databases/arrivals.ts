import type { Actor, Resource } from "#src/access/access.ts";
import type { Route } from "#src/http/routes.ts";
import { createFetches } from "./fetches.ts";
import type { Fetches, FetchesParts } from "./fetches.ts";
import { previewRoutes } from "./previewroutes.ts";
import type { PreviewsRoutesParts } from "./previewroutes.ts";
import { createPreviews } from "./previews.ts";
import type { Previews, PreviewsParts } from "./previews.ts";

/** All ways by which files arrive before they are imported: looked at first, or fetched from elsewhere. */
export interface Arrivals {
  previews: Previews;
  fetches: Fetches;
  find(actor: Actor, preview: string): Promise<Resource | null>;
  /** Takes up what is queued. */
  work(): Promise<void>;
  sweep(): Promise<void>;
}

export function createArrivals(parts: PreviewsParts & Omit<FetchesParts, "previews">): Arrivals {
  const previews = createPreviews(parts);
  const fetches = createFetches({ ...parts, previews });
  return { previews, fetches, find: previews.find, work: fetches.work, sweep: previews.sweep };
}

export function arrivalsRoutes({ arrivals, ...parts }: { arrivals: Arrivals } & Omit<PreviewsRoutesParts, "previews" | "fetches">): Route[] {
  return previewRoutes({ ...parts, previews: arrivals?.previews, fetches: arrivals?.fetches });
}
