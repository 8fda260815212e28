import { createCipheriv, createHash, createSign, publicEncrypt, constants, randomBytes, X509Certificate } from "node:crypto";
import { inflateRawSync } from "node:zlib";
import type { Clock } from "#src/base/clock.ts";
import { makeKeyPair } from "#src/rooms/saml/saml.ts";

/** An identity provider of a check's own: signs what it is told to, the right and the wrong. */
export interface CheckIdp {
  entityId: string;
  metadata: string;
  /** A response as it is posted, in base64. */
  answer(said: Said): string;
}

export interface Said {
  email: string;
  /** Where it is posted, and of which of our connections. */
  recipient: string;
  audience: string;
  inResponseTo: string | null;
  /** Until the provider allows a session. */
  sessionEndsMs?: number;
  /** DER in base64: encrypted for it. */
  encryptFor?: string;
  /** What is done to the assertion once it is signed, or instead of that. */
  forge?: (assertion: string, unsigned: string) => string;
  /** As if it were said so long ago. */
  agoMs?: number;
}

const ns = { saml: "urn:oasis:names:tc:SAML:2.0:assertion", samlp: "urn:oasis:names:tc:SAML:2.0:protocol", ds: "http://www.w3.org/2000/09/xmldsig#", xenc: "http://www.w3.org/2001/04/xmlenc#" };
const id = (): string => `_${randomBytes(16).toString("hex")}`;

export async function makeIdp(clock: Clock): Promise<CheckIdp> {
  const { certificate, privateKey } = await makeKeyPair({ name: "promise-check.invalid", clock, bits: 2_048 });
  const entityId = `https://${randomBytes(8).toString("hex")}.promise-check.invalid/idp`;
  const key = `<KeyDescriptor use="signing"><KeyInfo xmlns="${ns.ds}"><X509Data><X509Certificate>${certificate}</X509Certificate></X509Data></KeyInfo></KeyDescriptor>`;
  const metadata = `<EntityDescriptor xmlns="urn:oasis:names:tc:SAML:2.0:metadata" entityID="${entityId}"><IDPSSODescriptor protocolSupportEnumeration="${ns.samlp}">${key}<SingleSignOnService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect" Location="${entityId}/sso"/></IDPSSODescriptor></EntityDescriptor>`;
  return {
    entityId, metadata,
    answer(said) {
      const unsigned = assertionOf(entityId, clock.now() - (said.agoMs ?? 0), said);
      const signed = sign(unsigned, privateKey);
      const assertion = said.forge?.(signed, unsigned) ?? signed;
      const inner = said.encryptFor === undefined ? assertion : encrypt(assertion, said.encryptFor);
      const answered = said.inResponseTo === null ? "" : ` InResponseTo="${said.inResponseTo}"`;
      const xml = `<samlp:Response xmlns:samlp="${ns.samlp}" ID="${id()}" Version="2.0" IssueInstant="${iso(clock.now())}" Destination="${said.recipient}"${answered}><saml:Issuer xmlns:saml="${ns.saml}">${entityId}</saml:Issuer><samlp:Status><samlp:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:Success"/></samlp:Status>${inner}</samlp:Response>`;
      return Buffer.from(xml).toString("base64");
    },
  };
}

const iso = (ms: number): string => `${new Date(ms).toISOString().slice(0, 19)}Z`;

/** Written as exclusive canonicalization would write it, so that its digest is that of this very text. */
function assertionOf(issuer: string, nowMs: number, { email, recipient, audience, inResponseTo, sessionEndsMs }: Said): string {
  const until = iso(nowMs + 300_000);
  const answered = inResponseTo === null ? "" : `InResponseTo="${inResponseTo}" `;
  const ends = sessionEndsMs === undefined ? "" : ` SessionNotOnOrAfter="${iso(sessionEndsMs)}"`;
  return [
    `<saml:Assertion xmlns:saml="${ns.saml}" ID="${id()}" IssueInstant="${iso(nowMs)}" Version="2.0"><saml:Issuer>${issuer}</saml:Issuer>`,
    `<saml:Subject><saml:NameID Format="urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress">${email}</saml:NameID><saml:SubjectConfirmation Method="urn:oasis:names:tc:SAML:2.0:cm:bearer"><saml:SubjectConfirmationData ${answered}NotOnOrAfter="${until}" Recipient="${recipient}"></saml:SubjectConfirmationData></saml:SubjectConfirmation></saml:Subject>`,
    `<saml:Conditions NotBefore="${iso(nowMs - 60_000)}" NotOnOrAfter="${until}"><saml:AudienceRestriction><saml:Audience>${audience}</saml:Audience></saml:AudienceRestriction></saml:Conditions>`,
    `<saml:AuthnStatement AuthnInstant="${iso(nowMs)}" SessionIndex="${id()}"${ends}><saml:AuthnContext><saml:AuthnContextClassRef>urn:oasis:names:tc:SAML:2.0:ac:classes:Password</saml:AuthnContextClassRef></saml:AuthnContext></saml:AuthnStatement></saml:Assertion>`,
  ].join("");
}

function sign(assertion: string, privateKey: string): string {
  const reference = / ID="([^"]+)"/.exec(assertion)?.[1] ?? "";
  const digest = createHash("sha256").update(assertion).digest("base64");
  const method = (name: string, algorithm: string): string => `<ds:${name} Algorithm="${algorithm}"></ds:${name}>`;
  const exclusive = "http://www.w3.org/2001/10/xml-exc-c14n#";
  const body = `${method("CanonicalizationMethod", exclusive)}${method("SignatureMethod", "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256")}<ds:Reference URI="#${reference}"><ds:Transforms>${method("Transform", `${ns.ds}enveloped-signature`)}${method("Transform", exclusive)}</ds:Transforms>${method("DigestMethod", `${ns.xenc}sha256`)}<ds:DigestValue>${digest}</ds:DigestValue></ds:Reference></ds:SignedInfo>`;
  const value = createSign("RSA-SHA256").update(`<ds:SignedInfo xmlns:ds="${ns.ds}">${body}`).sign(privateKey, "base64");
  return assertion.replace("</saml:Issuer>", `</saml:Issuer><ds:Signature xmlns:ds="${ns.ds}"><ds:SignedInfo>${body}<ds:SignatureValue>${value}</ds:SignatureValue></ds:Signature>`);
}

function encrypt(assertion: string, certificate: string): string {
  const [key, nonce] = [randomBytes(32), randomBytes(12)];
  const cipher = createCipheriv("aes-256-gcm", key, nonce);
  const sealed = Buffer.concat([nonce, cipher.update(assertion, "utf8"), cipher.final(), cipher.getAuthTag()]).toString("base64");
  const { publicKey } = new X509Certificate(Buffer.from(certificate, "base64"));
  const sealedKey = publicEncrypt({ key: publicKey, padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: "sha1" }, key).toString("base64");
  const data = (value: string): string => `<xenc:CipherData><xenc:CipherValue>${value}</xenc:CipherValue></xenc:CipherData>`;
  return `<saml:EncryptedAssertion xmlns:saml="${ns.saml}"><xenc:EncryptedData xmlns:xenc="${ns.xenc}" Type="${ns.xenc}Element"><xenc:EncryptionMethod Algorithm="http://www.w3.org/2009/xmlenc11#aes256-gcm"/><ds:KeyInfo xmlns:ds="${ns.ds}"><xenc:EncryptedKey><xenc:EncryptionMethod Algorithm="${ns.xenc}rsa-oaep-mgf1p"><ds:DigestMethod Algorithm="${ns.ds}sha1"/></xenc:EncryptionMethod>${data(sealedKey)}</xenc:EncryptedKey></ds:KeyInfo>${data(sealed)}</xenc:EncryptedData></saml:EncryptedAssertion>`;
}

/** The id of the request that an address at the provider carries. */
export function requestIdOf(address: string): string {
  const message = URL.parse(address)?.searchParams.get("SAMLRequest") ?? "";
  return / ID="([^"]+)"/.exec(message === "" ? "" : inflateRawSync(Buffer.from(message, "base64"), { maxOutputLength: 65_536 }).toString())?.[1] ?? "";
}
