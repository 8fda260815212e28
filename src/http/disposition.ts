const charactersMax = 120;

/**
 * Content-Disposition of a file to be saved (RFC 6266): the name in every script (RFC 8187), and in plain letters for clients that
 * know no other. What no file system takes in a name becomes an underscore.
 */
export function disposition(name: string, ending: string): string {
  const safe = Array.from(name.toWellFormed()).slice(0, charactersMax).join("").replace(/[\p{Cc}\u200e\u200f\u202a-\u202e\u2066-\u2069<>:"/\\|?*]+/gu, "_").replace(/^[\s.]+|[\s.]+$/g, "") || "data";
  const plain = safe.replace(/[^\w.-]+/g, "_").replace(/^_+|_+$/g, "") || "data";
  const encoded = encodeURIComponent(safe).replace(/['()*!]/g, (letter) => `%${letter.charCodeAt(0).toString(16).toUpperCase()}`);
  return `attachment; filename="${plain}.${ending}"; filename*=UTF-8''${encoded}.${ending}`;
}
