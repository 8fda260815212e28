import { entries } from "./entry.ts";

/** Object stores and stored versions. */
export const storeProblems = entries({});
