import { entries } from "./entry.ts";

/** Chart specifications. */
export const chartProblems = entries({});
