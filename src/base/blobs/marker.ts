import { randomBytes } from "node:crypto";
import { Problem } from "../problems/problem.ts";

/** The first thing in a store and the first thing read of it: which environment it belongs to. */
export interface Marker {
  schema: 1;
  environment: string;
  /** A random name of the store. */
  store: string;
  /** Directory only: proves that a master key is the store's. */
  keyCheck?: string;
}

export const markerBytesMax = 4096;

export function newMarker(environment: string): Marker {
  return { schema: 1, environment, store: randomBytes(16).toString("hex") };
}

export function writeMarker(marker: Marker): string {
  return `${JSON.stringify(marker)}\n`;
}

/** Throws STORE_FOREIGN for what is no marker, then STORE_ENVIRONMENT_MISMATCH. `place` names the store for people. */
export function readMarker(text: string, options: { environment: string; place: string }): Marker {
  let marker: Partial<Marker> | null;
  try {
    marker = JSON.parse(text) as Partial<Marker> | null;
  } catch {
    marker = null;
  }
  if (marker?.schema !== 1 || typeof marker.environment !== "string" || typeof marker.store !== "string") {
    throw new Problem("STORE_FOREIGN", { values: { place: options.place } });
  }
  if (marker.environment !== options.environment) {
    throw new Problem("STORE_ENVIRONMENT_MISMATCH", { values: { environment: options.environment, found: marker.environment } });
  }
  return marker as Marker;
}
