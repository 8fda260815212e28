import { call } from "../api/api.ts";

/** Ends the session and leaves the page altogether, so that nothing of it stays in memory. */
export async function signOut(): Promise<void> {
  await call("/api/v1/sessions/current", { method: "DELETE" }).catch(() => undefined);
  location.assign("/signin");
}
