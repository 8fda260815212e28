import { call } from "../api/api.ts";

/** Ends the session and leaves the page altogether, so that nothing of it stays, in memory or as drafts on this machine. */
export async function signOut(): Promise<void> {
  // Whose session came from an identity provider ends that one's too.
  const ended = await call<{ url: string | null }>("/api/v1/me/single-logout", { method: "POST" }).catch(() => null);
  for (const key of Object.keys(localStorage)) if (/^kliv\.(draft|report)\./.test(key)) localStorage.removeItem(key);
  location.assign(ended?.url ?? "/signin");
}
