import { X509Certificate } from "node:crypto";
import { escapeText } from "#src/base/escape.ts";
import { Problem } from "#src/base/problems/problem.ts";
import { decodeUtf8, ns } from "./gate.ts";
import { XmlError, childrenOf, readXml, textOf, valueOf, walk } from "./xml.ts";
import type { XmlElement } from "./xml.ts";

/** An identity provider as its metadata describes it. */
export interface Idp {
  entityId: string;
  /** Where people are sent to sign in, by redirect. */
  ssoUrl: string;
  /** Where people are sent to sign out, by redirect; null where it offers none. */
  sloUrl: string | null;
  /** Where it wants to be answered, if that is somewhere else. */
  sloResponseUrl: string | null;
  /** In base64. Several while the provider changes its key. */
  certificates: string[];
}

const redirectBinding = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect";
const postBinding = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST";
const certificatesMax = 10;

/** Reads a provider's metadata. Throws SAML_METADATA_INVALID with what is missing. */
export function readIdp(text: string, options: { allowsPlain: boolean }): Idp {
  const refuse = (en: string, ja: string): never => {
    throw new Problem("SAML_METADATA_INVALID", { values: { reason: en, reasonJa: ja } });
  };
  let root: XmlElement;
  try {
    root = readXml(decodeUtf8(Buffer.from(text.replace(/^\ufeff/, ""))), { comments: "skipped" });
  } catch (error) {
    return refuse(`it cannot be read: ${error instanceof XmlError ? error.message : "unknown"}`, "XMLとして読み取れません");
  }
  const found = [...walk(root)].map(({ element }) => element).filter((element) => element.ns === ns.metadata && element.local === "IDPSSODescriptor");
  if (found.length === 0) refuse("it describes no identity provider", "IDプロバイダーの記述がありません");
  if (found.length > 1) refuse("it describes several identity providers; give the one's own", "複数のIDプロバイダーが含まれています。1つだけのものを使用してください");
  const descriptor = found[0]!;
  const entity = [...walk(root)].map(({ element }) => element).find((element) => element.local === "EntityDescriptor" && element.children.includes(descriptor));
  const entityId = (entity && valueOf(entity, "entityID")) ?? "";
  if (entityId === "" || entityId.length > 1_024) refuse("it has no entityID", "entityID がありません");
  const locate = (name: string, attribute = "Location"): string | null => {
    const service = childrenOf(descriptor, ns.metadata, name).find((one) => valueOf(one, "Binding") === redirectBinding);
    const location = service && (valueOf(service, attribute) ?? (attribute === "Location" ? null : valueOf(service, "Location")));
    return location ?? null;
  };
  const check = (address: string | null): string | null => {
    if (address !== null && !isAddress(address, options)) refuse("an address in it is not https", "https 以外のアドレスが含まれています");
    return address;
  };
  const ssoUrl = check(locate("SingleSignOnService")) ?? refuse("it offers no sign-in by redirect (HTTP-Redirect)", "リダイレクト（HTTP-Redirect）によるサインインに対応していません");
  const certificates = certificatesOf(descriptor);
  if (certificates.length === 0) refuse("it has no certificate that signs", "署名用の証明書がありません");
  if (certificates.length > certificatesMax) refuse("it has too many certificates", "証明書が多すぎます");
  for (const certificate of certificates) if (!isUsable(certificate)) refuse("a certificate in it is no RSA certificate of 2,048 bits or more", "2048ビット以上のRSA証明書ではないものが含まれています");
  return { entityId, ssoUrl, sloUrl: check(locate("SingleLogoutService")), sloResponseUrl: check(locate("SingleLogoutService", "ResponseLocation")), certificates };
}

function isAddress(text: string, { allowsPlain }: { allowsPlain: boolean }): boolean {
  const url = URL.parse(text);
  return url !== null && url.username === "" && text.length <= 2_000 && (url.protocol === "https:" || (allowsPlain && url.protocol === "http:" && url.hostname === "localhost"));
}

function certificatesOf(descriptor: XmlElement): string[] {
  const keys = childrenOf(descriptor, ns.metadata, "KeyDescriptor").filter((key) => valueOf(key, "use") !== "encryption");
  const texts = keys.flatMap((key) => [...walk(key)].filter(({ element }) => element.ns === ns.signature && element.local === "X509Certificate").map(({ element }) => textOf(element).replace(/\s+/g, "")));
  return [...new Set(texts)];
}

/** HMAC with a public key, small keys and what is no certificate at all are not even kept. */
function isUsable(certificate: string): boolean {
  try {
    const { publicKey } = new X509Certificate(Buffer.from(certificate, "base64"));
    return publicKey.asymmetricKeyType === "rsa" && (publicKey.asymmetricKeyDetails?.modulusLength ?? 0) >= 2_048;
  } catch {
    return false; // No certificate: said to who gave it.
  }
}

/** A certificate as people compare it. */
export function describeCertificate(certificate: string): { fingerprint: string; subject: string; expiresAt: string } {
  const { fingerprint256, subject, validToDate } = new X509Certificate(Buffer.from(certificate, "base64"));
  return { fingerprint: fingerprint256, subject: subject.replaceAll("\n", ", ").slice(0, 200), expiresAt: validToDate.toISOString() };
}

export interface OwnAddresses {
  entityId: string;
  acsUrl: string;
  /** Where a provider may send people on its own; null where that is off. */
  idpInitiatedUrl: string | null;
  sloUrl: string;
}

/** Our own metadata for one connection: what its provider has to know. */
export function writeSpMetadata({ entityId, acsUrl, idpInitiatedUrl, sloUrl }: OwnAddresses, options: { signing: string[]; encryption: string[]; signsRequests: boolean }): string {
  const key = (use: string) => (certificate: string) =>
    `<md:KeyDescriptor use="${use}"><ds:KeyInfo><ds:X509Data><ds:X509Certificate>${certificate}</ds:X509Certificate></ds:X509Data></ds:KeyInfo>${
      use === "encryption" ? ["http://www.w3.org/2009/xmlenc11#aes256-gcm", "http://www.w3.org/2009/xmlenc11#aes128-gcm", "http://www.w3.org/2001/04/xmlenc#rsa-oaep-mgf1p"].map((one) => `<md:EncryptionMethod Algorithm="${one}"/>`).join("") : ""
    }</md:KeyDescriptor>`;
  const consumers = [acsUrl, ...(idpInitiatedUrl === null ? [] : [idpInitiatedUrl])].map((url, i) => `<md:AssertionConsumerService Binding="${postBinding}" Location="${escapeText(url)}" index="${i}"${i === 0 ? ' isDefault="true"' : ""}/>`);
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<md:EntityDescriptor xmlns:md="${ns.metadata}" xmlns:ds="${ns.signature}" entityID="${escapeText(entityId)}">`,
    `<md:SPSSODescriptor AuthnRequestsSigned="${options.signsRequests}" WantAssertionsSigned="true" protocolSupportEnumeration="${ns.protocol}">`,
    ...options.signing.map(key("signing")),
    ...options.encryption.map(key("encryption")),
    `<md:SingleLogoutService Binding="${redirectBinding}" Location="${escapeText(sloUrl)}"/>`,
    "<md:NameIDFormat>urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress</md:NameIDFormat>",
    ...consumers,
    "</md:SPSSODescriptor></md:EntityDescriptor>\n",
  ].join("\n");
}
