/** A path of our own, or the start: what a link says of where to go on is anybody's word. */
export function ownPath(text: string | undefined, origin: string): string {
  const url = text === undefined || !text.startsWith("/") ? null : URL.parse(text, origin);
  // `/.//host` is a path here and another host for who reads it again.
  if (url === null || url.origin !== origin || url.pathname.startsWith("//")) return "/";
  // The path waits in the database while its person is elsewhere; the secret of a mailed link is kept nowhere.
  if (url.searchParams.has("link")) return "/";
  return `${url.pathname}${url.search}${url.hash}`;
}
