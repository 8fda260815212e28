import { call } from "../api/api.ts";

/** Ends the session and leaves the page altogether, so that nothing of it stays, in memory or as drafts on this machine. */
export async function signOut(): Promise<void> {
  await call("/api/v1/sessions/current", { method: "DELETE" }).catch(() => undefined);
  for (const key of Object.keys(localStorage)) if (/^kliv\.(draft|report)\./.test(key)) localStorage.removeItem(key);
  location.assign("/signin");
}
