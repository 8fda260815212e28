/**
 * A path of our own, or the start: what a link says of where to go on is anybody's word. The secret of a mailed link is
 * only left in it for who keeps the path where nobody reads it.
 */
export function ownPath(text: string | undefined, origin: string, { isSealed = false } = {}): string {
  const url = text === undefined || !text.startsWith("/") ? null : URL.parse(text, origin);
  // `/.//host` is a path here and another host for who reads it again.
  if (url === null || url.origin !== origin || url.pathname.startsWith("//")) return "/";
  if (!isSealed && url.searchParams.has("link")) return "/";
  return `${url.pathname}${url.search}${url.hash}`;
}
