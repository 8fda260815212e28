import { Problem, problemFrom } from "../api/api.ts";
import type { QueryAsk } from "../api/types.ts";
import { currentLanguage } from "../words/language.ts";

export interface Wanted {
  database: string;
  question: QueryAsk;
  format: string;
  bom?: boolean | undefined;
  name?: string | undefined;
  /** More than this is refused. */
  bytesMax?: number;
  signal: AbortSignal;
  onBytes(bytes: number): void;
}

export class TooMuch extends Error {}

/** The whole answer to a question as a file, with the name that the server gives it. Throws Problem, TooMuch. */
export async function receive(wanted: Wanted): Promise<{ file: Blob; name: string }> {
  const { database, question, format, bom, name, bytesMax = Infinity, signal, onBytes } = wanted;
  const { sql, parameters, engine, version } = question;
  const parts: Uint8Array<ArrayBuffer>[] = [];
  let bytes = 0;
  try {
    const response = await fetch(`/api/v1/databases/${encodeURIComponent(database)}/query/export`, {
      method: "POST", credentials: "same-origin", cache: "no-store", signal,
      headers: { "Content-Type": "application/json", "Accept-Language": currentLanguage() },
      body: JSON.stringify({ sql, parameters, engine, version, format, bom, name }),
    });
    if (!response.ok || !response.body) throw problemFrom(await response.text(), response.status);
    const reader = response.body.getReader();
    for (let next = await reader.read(); !next.done; next = await reader.read()) {
      parts.push(next.value);
      bytes += next.value.length;
      if (bytes > bytesMax) {
        void reader.cancel();
        throw new TooMuch();
      }
      onBytes(bytes);
    }
    return { file: new Blob(parts, { type: response.headers.get("content-type") ?? "" }), name: nameOf(response.headers.get("content-disposition") ?? "") };
  } catch (error) {
    // An answer that breaks off is no file.
    if (signal.aborted || error instanceof Problem || error instanceof TooMuch) throw error;
    throw new Problem({ code: "NETWORK" });
  }
}

function nameOf(disposition: string): string {
  const encoded = /filename\*=UTF-8''([^;]+)/i.exec(disposition)?.[1];
  return encoded ? decodeURIComponent(encoded) : "data";
}

export function save({ file, name }: { file: Blob; name: string }): void {
  const address = URL.createObjectURL(file);
  const link = document.createElement("a");
  link.href = address;
  link.download = name;
  link.click();
  // The browser has taken it by then.
  setTimeout(() => URL.revokeObjectURL(address), 60_000);
}
