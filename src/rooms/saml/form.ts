import type { Readable } from "node:stream";
import { Problem } from "#src/base/problems/problem.ts";
import { messageBytesMax } from "./gate.ts";

/** Base64 is a third longer, and a form writes some of its letters in three. */
const formBytesMax = messageBytesMax * 2;

/** The fields of a posted form; one that is there twice is not taken. Throws MEDIA_TYPE_UNSUPPORTED, SAML_RESPONSE_TOO_LARGE, SAML_RESPONSE_INVALID. */
export async function readForm(body: Readable, contentType: string | undefined): Promise<{ message: string; relayState: string | null }> {
  if (!/^application\/x-www-form-urlencoded(\s*;|$)/i.test(contentType ?? "")) throw new Problem("MEDIA_TYPE_UNSUPPORTED");
  const parts: Buffer[] = [];
  let size = 0;
  for await (const part of body) {
    size += (part as Buffer).length;
    // The rest is not even read.
    if (size > formBytesMax) throw new Problem("SAML_RESPONSE_TOO_LARGE");
    parts.push(part as Buffer);
  }
  const fields = new URLSearchParams(Buffer.concat(parts).toString("latin1"));
  const [messages, relayStates] = [fields.getAll("SAMLResponse"), fields.getAll("RelayState")];
  if (messages.length !== 1 || relayStates.length > 1) throw new Problem("SAML_RESPONSE_INVALID");
  return { message: messages[0]!, relayState: relayStates[0] || null };
}
