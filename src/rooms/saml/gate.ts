import { XmlError, childOf, childrenOf, elementsOf, readXml, textOf, valueOf, walk } from "./xml.ts";
import type { XmlElement } from "./xml.ts";

export const ns = {
  assertion: "urn:oasis:names:tc:SAML:2.0:assertion",
  protocol: "urn:oasis:names:tc:SAML:2.0:protocol",
  metadata: "urn:oasis:names:tc:SAML:2.0:metadata",
  signature: "http://www.w3.org/2000/09/xmldsig#",
  encryption: "http://www.w3.org/2001/04/xmlenc#",
} as const;

export const messageBytesMax = 256 * 1_024;

const enveloped = "http://www.w3.org/2000/09/xmldsig#enveloped-signature";
const exclusive = "http://www.w3.org/2001/10/xml-exc-c14n#";

/** Which algorithm may stand where; what is not here is refused: SHA-1 and HMAC as signatures, RSA 1.5, triple DES, comments that are signed. */
const algorithms: Record<string, readonly string[]> = {
  CanonicalizationMethod: [exclusive],
  Transform: [enveloped, exclusive],
  SignatureMethod: ["http://www.w3.org/2001/04/xmldsig-more#rsa-sha256", "http://www.w3.org/2001/04/xmldsig-more#rsa-sha512"],
  DigestMethod: ["http://www.w3.org/2001/04/xmlenc#sha256", "http://www.w3.org/2001/04/xmlenc#sha512"],
  // Of encryption: GCM, and CBC because the most used providers still know nothing else. Any failure has the same answer.
  EncryptionMethod: [
    "http://www.w3.org/2009/xmlenc11#aes128-gcm", "http://www.w3.org/2009/xmlenc11#aes256-gcm", "http://www.w3.org/2001/04/xmlenc#aes128-cbc",
    "http://www.w3.org/2001/04/xmlenc#aes256-cbc", "http://www.w3.org/2001/04/xmlenc#rsa-oaep-mgf1p",
  ],
};
/** Within OAEP a digest is no signature's. */
const paddingDigests = ["http://www.w3.org/2000/09/xmldsig#sha1", "http://www.w3.org/2001/04/xmlenc#sha256", "http://www.w3.org/2001/04/xmlenc#sha512"];

/** The XML of a message as it came in a form field. Throws XmlError. */
export function decodeMessage(text: string): string {
  const packed = text.replace(/[\r\n\t ]/g, "");
  if (packed.length > (messageBytesMax * 4) / 3 + 4) throw new XmlError("too large");
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(packed)) throw new XmlError("not base64");
  return decodeUtf8(Buffer.from(packed, "base64"));
}

/** Throws XmlError for what is no UTF-8, or begins with a byte order mark. */
export function decodeUtf8(bytes: Uint8Array): string {
  if (bytes.length > messageBytesMax) throw new XmlError("too large");
  try {
    const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
    if (text.startsWith("\ufeff")) throw new XmlError("a byte order mark");
    return text;
  } catch (error) {
    throw error instanceof XmlError ? error : new XmlError("not UTF-8");
  }
}

/** A response as it may be: one assertion, signatures where they belong, known algorithms. Throws XmlError. What it says is not believed yet. */
export function readResponse(xml: string): { response: XmlElement; isEncrypted: boolean } {
  const response = readXml(xml);
  hold(response.ns === ns.protocol && response.local === "Response", "no Response");
  holdShape(response);
  const plain = childrenOf(response, ns.assertion, "Assertion");
  const sealed = childrenOf(response, ns.assertion, "EncryptedAssertion");
  hold(plain.length + sealed.length === 1, "not exactly one assertion");
  hold(countNamed(response, "Assertion") === plain.length && countNamed(response, "EncryptedAssertion") === sealed.length, "an assertion where none belongs");
  for (const { local, ns: space } of elementsOf(response)) {
    const isKnown = (space === ns.protocol && ["Status", "Extensions"].includes(local)) || (space === ns.assertion && ["Issuer", "Assertion", "EncryptedAssertion"].includes(local)) || (space === ns.signature && local === "Signature");
    hold(isKnown, `${local} in a Response`);
  }
  if (plain[0]) hold(childOf(plain[0], ns.signature, "Signature") !== null, "an assertion that is not signed");
  return { response, isEncrypted: sealed.length === 1 };
}

/** The assertion's own signed text, as the library gives it back. Throws XmlError. */
export function readSignedAssertion(xml: string): XmlElement {
  const assertion = readXml(xml);
  hold(assertion.ns === ns.assertion && assertion.local === "Assertion", "no Assertion");
  holdShape(assertion);
  hold(countNamed(assertion, "Assertion") === 1 && countNamed(assertion, "EncryptedAssertion") === 0, "an assertion within another");
  return assertion;
}

/** The top status of a response that carries no assertion, or null where it carries one or none. */
export function refusalOf(xml: string): string | null {
  const response = readXml(xml);
  if (response.ns !== ns.protocol || response.local !== "Response" || countNamed(response, "Assertion") + countNamed(response, "EncryptedAssertion") > 0) return null;
  return statusOf(response).at(-1) ?? null;
}

/** The status codes from the outermost to the innermost. */
export function statusOf(response: XmlElement): string[] {
  const codes: string[] = [];
  for (let at = childOf(response, ns.protocol, "Status"); at !== null; ) {
    const code: XmlElement | null = childOf(at, ns.protocol, "StatusCode");
    if (code) codes.push(valueOf(code, "Value") ?? "");
    at = code;
  }
  return codes;
}

function countNamed(root: XmlElement, local: string): number {
  // Whatever its namespace: a library that forgets to look at that must find no second one.
  return [...walk(root)].filter(({ element }) => element.local === local).length;
}

/** What holds for signed messages of every kind. */
export function holdShape(root: XmlElement): void {
  const ids: string[] = [];
  for (const { element, parents } of walk(root)) {
    for (const { ns: space, local, value } of element.attributes) {
      if (/^id$/i.test(local) || local === "AssertionID") ids.push(value);
      const isFree = space === "" || space === "http://www.w3.org/2001/XMLSchema-instance" || (local === "lang" && space === "http://www.w3.org/XML/1998/namespace") || parents.some((one) => one.local === "AttributeValue");
      hold(isFree, `${local} of another namespace`);
      if (local === "Algorithm") holdAlgorithm(element, parents, value);
    }
    if (Object.values(ns).includes(element.ns as never) || parents.some((one) => ["AttributeValue", "Extensions"].includes(one.local)) || element.ns === exclusive || element.ns.startsWith("http://www.w3.org/2009/xmlenc11#")) {
      if (element.local === "Signature") holdSignature(element, parents.at(-1));
      else if (["SignedInfo", "SignatureValue", "Reference", "DigestValue", "Object", "Manifest"].includes(element.local)) hold(isWithinSignature(parents) && element.local !== "Object" && element.local !== "Manifest", `${element.local} where none belongs`);
      continue;
    }
    throw new XmlError(`${element.local} of a namespace that is none of SAML's`);
  }
  hold(new Set(ids).size === ids.length, "an ID twice");
}

const isWithinSignature = (parents: XmlElement[]): boolean => parents.some((one) => one.ns === ns.signature && one.local === "Signature");

function holdAlgorithm(element: XmlElement, parents: XmlElement[], value: string): void {
  const isPadding = element.local === "DigestMethod" && parents.at(-1)?.local === "EncryptionMethod";
  const allowed = isPadding ? paddingDigests : Object.hasOwn(algorithms, element.local) ? algorithms[element.local] : [];
  hold(allowed?.includes(value) ?? false, `the algorithm ${value.slice(0, 100)} in ${element.local}`);
}

/** One signature of its parent, whose whole text it covers, and in which nothing is there twice. */
function holdSignature(signature: XmlElement, parent: XmlElement | undefined): void {
  hold(signature.ns === ns.signature, "a Signature of another namespace");
  hold(parent !== undefined && ((parent.ns === ns.protocol && parent.local === "Response") || (parent.ns === ns.assertion && parent.local === "Assertion")), "a Signature where none belongs");
  hold(childrenOf(parent as XmlElement, ns.signature, "Signature").length === 1, "several signatures of one element");
  const names = elementsOf(signature).map((child) => child.local).join(" ");
  hold(names === "SignedInfo SignatureValue KeyInfo" || names === "SignedInfo SignatureValue", "a Signature of other parts");
  const info = one(signature, "SignedInfo");
  hold(elementsOf(info).map((child) => child.local).join(" ") === "CanonicalizationMethod SignatureMethod Reference", "a SignedInfo of other parts");
  for (const name of ["SignedInfo", "SignatureValue", "Reference", "DigestValue"]) hold(countNamed(signature, name) === 1, `several ${name}`);
  const reference = one(info, "Reference");
  const id = valueOf(parent as XmlElement, "ID") ?? "";
  hold(/^[A-Za-z_][\w.-]*$/.test(id) && valueOf(reference, "URI") === `#${id}`, "a Reference to something else");
  const transforms = childrenOf(one(reference, "Transforms"), ns.signature, "Transform").map((child) => valueOf(child, "Algorithm"));
  hold(transforms.length === 2 && transforms[0] === enveloped && transforms[1] === exclusive, "other Transforms");
  for (const text of [textOf(one(reference, "DigestValue")), textOf(one(signature, "SignatureValue"))]) hold(/^[A-Za-z0-9+/\s]+={0,2}$/.test(text), "a value that is not base64");
}

function one(element: XmlElement, local: string): XmlElement {
  const child = childOf(element, ns.signature, local);
  if (!child) throw new XmlError(`no ${local}`);
  return child;
}

function hold(isRight: boolean, what: string): asserts isRight {
  if (!isRight) throw new XmlError(what);
}
