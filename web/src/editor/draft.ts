import type { ReportDefinition } from "../reports/definition.ts";
import type { Known } from "./saver.ts";

/** What a page that was closed could not save any more, on this machine. */
export interface Draft {
  base: Known;
  definition: ReportDefinition;
}

export const draftPrefix = "kliv.report.";

export function keepDraft(report: string, draft: Draft | null): void {
  try {
    if (draft) localStorage.setItem(draftPrefix + report, JSON.stringify(draft));
    else localStorage.removeItem(draftPrefix + report);
  } catch {
    // The store is full or forbidden: then there is only the warning before leaving.
  }
}

export function readDraft(report: string): Draft | null {
  try {
    return JSON.parse(localStorage.getItem(draftPrefix + report) ?? "null") as Draft | null;
  } catch {
    return null;
  }
}
