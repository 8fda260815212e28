import { entries } from "./entry.ts";

/** Reports, publications and the gallery. */
export const reportProblems = entries({});
