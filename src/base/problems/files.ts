import { entries } from "./entry.ts";

/** Uploads and imports. */
export const fileProblems = entries({});
