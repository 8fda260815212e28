import { entries } from "./entry.ts";

/** SQL and its limits. */
export const queryProblems = entries({});
