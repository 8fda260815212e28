import { randomBytes } from "node:crypto";
import type { CacheProvider, SAML, SamlConfig } from "@node-saml/node-saml";
import { systemClock } from "#src/base/clock.ts";
import { readAssertion } from "./assertion.ts";
import type { Said } from "./assertion.ts";
import { decodeMessage, ns, readResponse, readSignedAssertion, refusalOf } from "./gate.ts";
import { XmlError, childOf, textOf, valueOf } from "./xml.ts";
import type { XmlElement } from "./xml.ts";

export interface Parties {
  idp: { entityId: string; ssoUrl: string; sloUrl: string | null; certificates: readonly string[] };
  sp: { entityId: string; acsUrl: string };
  /** PEM. Signs what asks for a sign-out or answers it always, and what asks for a sign-in where `signsRequests`. */
  signingKey: string;
  signsRequests: boolean;
  /** PEM, all that may have been used. */
  decryptionKeys: readonly string[];
}

/** The provider itself said no. */
export class SamlDenial extends Error {}

export const requestMs = 30 * 60_000;
const success = "urn:oasis:names:tc:SAML:2.0:status:Success";

/** An id as XML has them: begins with no digit. */
export const newMessageId = (): string => `_${randomBytes(20).toString("hex")}`;

// Loaded where a connection is used, and not at every start.
const library = () => import("@node-saml/node-saml");

/** The library, told to trust nothing by default. What it remembers of requests is `cache`. */
export async function createLibrary(parties: Parties, options: { id?: string; cache?: CacheProvider; decryptionKey?: string | undefined; logoutUrl?: string; alwaysSigns?: boolean } = {}): Promise<SAML> {
  const { SAML: Library, ValidateInResponseTo } = await library();
  // Times are judged by our own reader alone, by Kliv's clock and not the machine's: `acceptedClockSkewMs` turns the library's off.
  const config: SamlConfig = {
    callbackUrl: parties.sp.acsUrl, issuer: parties.sp.entityId, audience: parties.sp.entityId, entryPoint: parties.idp.ssoUrl,
    logoutUrl: options.logoutUrl ?? parties.idp.sloUrl ?? parties.idp.ssoUrl,
    idpIssuer: parties.idp.entityId, idpCert: [...parties.idp.certificates], wantAssertionsSigned: true, wantAuthnResponseSigned: false,
    validateInResponseTo: options.cache ? ValidateInResponseTo.always : ValidateInResponseTo.never, requestIdExpirationPeriodMs: requestMs,
    cacheProvider: options.cache ?? forgetful, acceptedClockSkewMs: -1, identifierFormat: null, disableRequestedAuthnContext: true,
    signatureAlgorithm: "sha256", digestAlgorithm: "sha256", generateUniqueId: () => options.id ?? newMessageId(),
    ...(parties.signsRequests || options.alwaysSigns ? { privateKey: parties.signingKey } : {}), ...(options.decryptionKey === undefined ? {} : { decryptionPvk: options.decryptionKey }),
  };
  return new Library(config);
}

const forgetful: CacheProvider = {
  saveAsync: async () => null,
  getAsync: async () => null,
  removeAsync: async (key) => key,
};

/** Remembers one request, whose age was looked at; it is taken in the transaction that lets the person in. */
const rememberOne = (request: { id: string }): CacheProvider => ({
  ...forgetful,
  getAsync: async (key) => (key === request.id ? systemClock.date().toISOString() : null),
});

/** The address at the provider with our request in it. */
export async function requestUrl(parties: Parties, options: { id: string; relayState: string }): Promise<string> {
  const saml = await createLibrary(parties, { id: options.id, cache: forgetful });
  return await saml.getAuthorizeUrlAsync(options.relayState, undefined, {});
}

/**
 * What a posted response says, if all of it is as it must be. The gate looks at the whole text before the library does;
 * the library checks the signatures; and who somebody is comes out of the signed text alone, read by another reader than
 * the library's, with which it has to agree. Throws XmlError with the reason, and SamlDenial.
 */
export async function verifyResponse(parties: Parties, options: { message: string; recipient: string; request: { id: string } | null; nowMs: number }): Promise<Said> {
  const { recipient, request, nowMs } = options;
  const xml = decodeMessage(options.message);
  const refusal = refusalOf(xml);
  if (refusal !== null && refusal !== success) throw new SamlDenial(refusal.replace(/^.*:/, "").slice(0, 100));
  const { response, isEncrypted } = readResponse(xml);
  holdEnvelope(response, { parties, recipient, request });
  const signed = await checkSignature(parties, { xml, request, isEncrypted });
  const assertion = readSignedAssertion(signed.xml);
  if (!isEncrypted && valueOf(childOf(response, ns.assertion, "Assertion")!, "ID") !== valueOf(assertion, "ID")) throw new XmlError("the signed assertion is another one");
  const said = readAssertion(assertion, { idpEntityId: parties.idp.entityId, spEntityId: parties.sp.entityId, recipient, inResponseTo: request?.id ?? null, nowMs });
  if (signed.nameId.trim() !== said.nameId || (signed.sessionIndex ?? null) !== said.sessionIndex) throw new XmlError("two readers understand it differently");
  return said;
}

/** What stands around the assertion need not be signed; it may not say otherwise. */
function holdEnvelope(response: XmlElement, { parties, recipient, request }: { parties: Parties; recipient: string; request: { id: string } | null }): void {
  const issuer = childOf(response, ns.assertion, "Issuer");
  const destination = valueOf(response, "Destination");
  const wrong =
    valueOf(response, "Version") !== "2.0" ? "a version that is not 2.0"
    : issuer && textOf(issuer) !== parties.idp.entityId ? "a response of another issuer"
    : destination !== null && destination !== recipient ? "another destination"
    : destination === null && childOf(response, ns.signature, "Signature") ? "a signed response without a destination"
    : valueOf(response, "InResponseTo") !== (request?.id ?? null) ? (request ? "an answer to another request" : "an answer to a request where none is allowed")
    : null;
  if (wrong !== null) throw new XmlError(wrong);
}

async function checkSignature(parties: Parties, { xml, request, isEncrypted }: { xml: string; request: { id: string } | null; isEncrypted: boolean }) {
  const container = { SAMLResponse: Buffer.from(xml).toString("base64") };
  let failure: unknown = new XmlError("encrypted, and there is no key");
  // While our own key changes, either may have been used.
  for (const decryptionKey of isEncrypted ? parties.decryptionKeys : [undefined]) {
    try {
      const saml = await createLibrary(parties, { decryptionKey, ...(request ? { cache: rememberOne(request) } : {}) });
      const { profile } = await saml.validatePostResponseAsync(container);
      const signed = profile?.getAssertionXml?.();
      if (!profile || signed === undefined) throw new XmlError("no assertion");
      return { xml: signed, nameId: profile.nameID, sessionIndex: profile.sessionIndex };
    } catch (error) {
      failure = error;
    }
  }
  throw new XmlError(failure instanceof Error ? failure.message.slice(0, 200) : "the signature does not hold");
}
