/** The prefix binds the cookies to this host and to HTTPS (RFC 6265bis). */
export const sessionCookie = "__Host-kliv";
/** Between a right password and the second step; it opens nothing but that step. */
export const stepCookie = "__Host-kliv-second";
export const cookieRules = "Path=/; Secure; HttpOnly; SameSite=Lax";

export function sessionCookieFor(secret: string, seconds: number): string {
  return `${sessionCookie}=${secret}; ${cookieRules}; Max-Age=${seconds}`;
}

/** For the whole browser's session at most; the server knows its end. */
export function stepCookieFor(secret: string | null): string {
  return secret === null ? `${stepCookie}=; ${cookieRules}; Max-Age=0` : `${stepCookie}=${secret}; ${cookieRules}; Max-Age=600`;
}
