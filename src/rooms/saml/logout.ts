import { X509Certificate, createVerify } from "node:crypto";
import { inflateRawSync } from "node:zlib";
import { newSecret } from "#src/base/ids.ts";
import { speakFor } from "#src/base/postgres/postgres.ts";
import { Problem } from "#src/base/problems/problem.ts";
import { hashSecret } from "#src/base/secrets.ts";
import type { Doer } from "#src/rooms/audit/audit.ts";
import { clockSkewMs } from "./assertion.ts";
import { decodeUtf8, holdShape, messageBytesMax, ns, statusOf } from "./gate.ts";
import { getConnection } from "./login.ts";
import type { LoginParts } from "./login.ts";
import { addressesOf, partiesOf } from "./parties.ts";
import * as store from "./store.ts";
import type { ConnectionRow } from "./store.ts";
import { createLibrary, newMessageId, requestMs } from "./verify.ts";
import { XmlError, childOf, childrenOf, readXml, textOf, valueOf } from "./xml.ts";
import type { XmlElement } from "./xml.ts";

const signatureAlgorithms: Record<string, string> = {
  "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256": "RSA-SHA256",
  "http://www.w3.org/2001/04/xmldsig-more#rsa-sha512": "RSA-SHA512",
};
const names = ["SAMLRequest", "SAMLResponse", "RelayState", "SigAlg", "Signature"];
/** A request to end sessions is of now. */
const ageMsMax = 5 * 60_000;

/** A message of the redirect binding whose signature holds, over exactly the text that stands in the address. Throws XmlError. */
export function readRedirect(query: string, { certificates, nowMs }: { certificates: readonly string[]; nowMs: number }): { message: XmlElement; relayState: string | null } {
  const raw = new Map<string, string>();
  for (const pair of query.split("&")) {
    const [, name = "", value = ""] = /^([^=]*)=(.*)$/.exec(pair) ?? [];
    if (!names.includes(name) || raw.has(name)) throw new XmlError("a parameter that is twice or none of these");
    raw.set(name, value);
  }
  const kind = raw.has("SAMLRequest") ? "SAMLRequest" : "SAMLResponse";
  if (!raw.has(kind) || (raw.has("SAMLRequest") && raw.has("SAMLResponse"))) throw new XmlError("not exactly one message");
  const read = (name: string): string => decode(raw.get(name) ?? "");
  const algorithm = signatureAlgorithms[read("SigAlg")];
  const signature = read("Signature");
  if (algorithm === undefined || !Object.hasOwn(signatureAlgorithms, read("SigAlg"))) throw new XmlError(`the algorithm ${read("SigAlg").slice(0, 100)}`);
  if (!/^[A-Za-z0-9+/\s]+={0,2}$/.test(signature)) throw new XmlError("not signed");
  const signed = [kind, "RelayState", "SigAlg"].filter((name) => raw.has(name)).map((name) => `${name}=${raw.get(name)}`).join("&");
  const isSigned = certificates.some((certificate) => createVerify(algorithm).update(signed).verify(new X509Certificate(Buffer.from(certificate, "base64")).publicKey, signature, "base64"));
  if (!isSigned) throw new XmlError("the signature does not hold");
  const message = readXml(inflate(read(kind)));
  holdShape(message);
  if (message.ns !== ns.protocol || valueOf(message, "Version") !== "2.0" || nowMs - timeOf(message, "IssueInstant") > ageMsMax || timeOf(message, "IssueInstant") - nowMs > clockSkewMs) throw new XmlError("a message of another time");
  return { message, relayState: raw.has("RelayState") ? read("RelayState") : null };
}

function decode(value: string): string {
  try {
    return decodeURIComponent(value.replaceAll("+", " "));
  } catch {
    throw new XmlError("a parameter that is not encoded rightly");
  }
}

function inflate(packed: string): string {
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(packed)) throw new XmlError("not base64");
  try {
    return decodeUtf8(inflateRawSync(Buffer.from(packed, "base64"), { maxOutputLength: messageBytesMax }));
  } catch (error) {
    throw error instanceof XmlError ? error : new XmlError("not packed rightly, or too large");
  }
}

function timeOf(element: XmlElement, name: string): number {
  const ms = Date.parse(valueOf(element, name) ?? "");
  if (Number.isNaN(ms)) throw new XmlError(`${name} that is no time`);
  return ms;
}

/** What a provider, or our own sign-out, sends a browser here with. Gives the address to go on to. Throws NOT_FOUND, SAML_LOGOUT_INVALID. */
export async function receiveLogout(parts: LoginParts, { connection: id, query, by }: { connection: string; query: string; by: Doer }): Promise<string> {
  const { config, clock, log } = parts;
  const connection = await getConnection(parts, id);
  try {
    const { message, relayState } = readRedirect(query, { certificates: connection.certificates, nowMs: clock.now() });
    const issuer = childOf(message, ns.assertion, "Issuer");
    if (!issuer || textOf(issuer) !== connection.idp_entity_id) throw new XmlError("another issuer");
    if (valueOf(message, "Destination") !== addressesOf(config, id).sloUrl) throw new XmlError("another destination");
    if (message.local === "LogoutRequest") return await obey(parts, { connection, message, relayState, by });
    if (message.local === "LogoutResponse") return await conclude(parts, { connection, message, relayState });
    throw new XmlError("neither a request nor an answer");
  } catch (error) {
    if (!(error instanceof XmlError)) throw error;
    log("sign-out refused", { kind: "saml", team: connection.team_id });
    throw new Problem("SAML_LOGOUT_INVALID", { cause: error });
  }
}

interface Received {
  connection: ConnectionRow;
  message: XmlElement;
  relayState: string | null;
}

/** Ends the sessions that the provider names, and tells it so. */
async function obey(parts: LoginParts, { connection, message, relayState, by }: Received & { by: Doer }): Promise<string> {
  const { postgres, signin, clock, config } = parts;
  const nameId = childOf(message, ns.assertion, "NameID");
  const id = valueOf(message, "ID") ?? "";
  if (!nameId || id === "" || textOf(nameId) === "") throw new XmlError("no name");
  if (valueOf(message, "NotOnOrAfter") !== null && timeOf(message, "NotOnOrAfter") + clockSkewMs <= clock.now()) throw new XmlError("expired");
  const sessionIndexes = childrenOf(message, ns.protocol, "SessionIndex").map(textOf);
  const team = connection.team_id;
  const parties = await postgres.transaction({ teams: [team] }, async (tx) => {
    const isNew = await store.insertAssertion(tx, { connection_id: connection.id, team_id: team, assertion_id: id, expires_at: new Date(clock.now() + ageMsMax + 2 * clockSkewMs) });
    if (!isNew) throw new XmlError("used before");
    for (const { user_id: user, session_id: session } of await store.listSessions(tx, { connection: connection.id, nameId: textOf(nameId), sessionIndexes })) {
      await speakFor(tx, user);
      await signin.endSessionsIn(tx, { user, id: session, by: { ...by, kind: "system", user: null } });
    }
    return await partiesOf(tx, { config, key: parts.key(), connection });
  });
  const logoutUrl = connection.slo_response_url ?? connection.slo_url;
  if (logoutUrl === null) return `${config.origin}/signin`;
  const saml = await createLibrary(parties, { logoutUrl, alwaysSigns: true });
  return await saml.getLogoutResponseUrlAsync({ ID: id } as never, relayState ?? "", {}, true);
}

/** The provider's answer to a sign-out that began here, where the session has ended before. */
async function conclude(parts: LoginParts, { connection, message, relayState }: Received): Promise<string> {
  const { postgres, clock, config } = parts;
  await postgres.transaction({ teams: [connection.team_id] }, async (tx) => {
    const request = await store.findRequest(tx, { relayHash: hashSecret(relayState ?? ""), connection: connection.id, kind: "logout", now: clock.date() });
    if (!request || request.id !== valueOf(message, "InResponseTo") || !(await store.takeRequest(tx, request.id))) throw new XmlError("an answer to no request");
  });
  const isDone = statusOf(message)[0] === "urn:oasis:names:tc:SAML:2.0:status:Success";
  return `${config.origin}/signin${isDone ? "" : `?${new URLSearchParams({ problem: "SAML_LOGOUT_PARTIAL" }).toString()}`}`;
}

/** Ends a session and says where its provider is told of that; null where it came from none that wants to know. */
export async function signOut(parts: LoginParts, { user, session, by }: { user: string; session: string; by: Doer }): Promise<string | null> {
  const { postgres, signin, config, clock } = parts;
  const found = await postgres.transaction({ user }, (tx) => store.findSession(tx, session));
  await signin.endSessions({ user, id: session, by });
  const connection = found && (await postgres.transaction({ slug: found.connection_id }, (tx) => store.findConnection(tx, found.connection_id)));
  if (!found || !connection?.is_enabled || connection.slo_url === null) return null;
  const [id, relayState] = [newMessageId(), newSecret("kliv_relay")];
  const parties = await postgres.transaction({ teams: [connection.team_id] }, async (tx) => {
    await store.insertRequest(tx, {
      id, connection_id: connection.id, team_id: connection.team_id, kind: "logout", relay_hash: hashSecret(relayState), browser_hash: null, sealed_path: null,
      created_at: clock.date(), expires_at: new Date(clock.now() + requestMs),
    });
    return await partiesOf(tx, { config, key: parts.key(), connection });
  });
  const saml = await createLibrary(parties, { id, alwaysSigns: true });
  return await saml.getLogoutUrlAsync({ nameID: found.name_id, nameIDFormat: found.name_id_format ?? undefined, sessionIndex: found.session_index ?? undefined } as never, relayState, {});
}
