import { ns } from "./gate.ts";
import { XmlError, childOf, childrenOf, textOf, valueOf } from "./xml.ts";
import type { XmlElement } from "./xml.ts";

/** What a signed assertion says of one person. */
export interface Said {
  id: string;
  nameId: string;
  nameIdFormat: string | null;
  sessionIndex: string | null;
  /** By name; each with all of its values. */
  attributes: ReadonlyMap<string, readonly string[]>;
  /** Until then the provider allows a session. */
  sessionEndsAt: Date | null;
  /** From then on the assertion is expired by itself and need not be remembered. */
  expiresAt: Date;
}

export interface Expected {
  idpEntityId: string;
  spEntityId: string;
  /** The address that it was posted to. */
  recipient: string;
  /** The request that it answers; null where none was made and none may be named. */
  inResponseTo: string | null;
  nowMs: number;
}

/** Clocks differ; so much is forgiven. */
export const clockSkewMs = 60_000;
/** An assertion that lives longer is not believed: it would have to be remembered as long. */
const lifeMsMax = 24 * 3_600_000;
const bearer = "urn:oasis:names:tc:SAML:2.0:cm:bearer";

/** Reads who somebody is out of the signed text alone, and holds it to what was expected. Throws XmlError with what is wrong. */
export function readAssertion(assertion: XmlElement, expected: Expected): Said {
  hold(valueOf(assertion, "Version") === "2.0", "a version that is not 2.0");
  hold(only(assertion, "Issuer") === expected.idpEntityId, "another issuer");
  const subject = need(assertion, "Subject");
  const nameId = need(subject, "NameID");
  const name = textOf(nameId);
  hold(name !== "" && name.length <= 256, "no name");
  const confirmedUntil = holdConfirmation(subject, expected);
  const conditionsUntil = holdConditions(need(assertion, "Conditions"), expected);
  const statements = childrenOf(assertion, ns.assertion, "AuthnStatement");
  hold(statements.length === 1, "not exactly one AuthnStatement");
  const sessionEndsAt = timeOf(statements[0]!, "SessionNotOnOrAfter");
  hold(sessionEndsAt === null || sessionEndsAt.getTime() > expected.nowMs, "a session that has ended");
  const expiresAt = new Date(Math.min(confirmedUntil, conditionsUntil) + clockSkewMs);
  hold(expiresAt.getTime() - expected.nowMs < lifeMsMax, "an assertion that lives too long");
  return {
    id: valueOf(assertion, "ID") ?? "", nameId: name, nameIdFormat: valueOf(nameId, "Format"), sessionIndex: valueOf(statements[0]!, "SessionIndex"),
    attributes: attributesOf(assertion), sessionEndsAt, expiresAt,
  };
}

/** At least one confirmation by bearer has to fit in everything (SAML profiles, 4.1.4.2). */
function holdConfirmation(subject: XmlElement, { recipient, inResponseTo, nowMs }: Expected): number {
  let wrong = "no confirmation by bearer";
  for (const confirmation of childrenOf(subject, ns.assertion, "SubjectConfirmation")) {
    if (valueOf(confirmation, "Method") !== bearer) continue;
    const data = childOf(confirmation, ns.assertion, "SubjectConfirmationData");
    const until = data && timeOf(data, "NotOnOrAfter");
    if (!data || !until) wrong = "a confirmation without an end";
    else if (valueOf(data, "NotBefore") !== null) wrong = "a confirmation with a beginning";
    else if (valueOf(data, "Recipient") !== recipient) wrong = "another recipient";
    else if (valueOf(data, "InResponseTo") !== inResponseTo) wrong = inResponseTo === null ? "an answer to a request where none is allowed" : "an answer to another request";
    else if (until.getTime() + clockSkewMs <= nowMs) wrong = "a confirmation that is expired";
    else return until.getTime();
  }
  throw new XmlError(wrong);
}

function holdConditions(conditions: XmlElement, { spEntityId, nowMs }: Expected): number {
  const [from, until] = [timeOf(conditions, "NotBefore"), timeOf(conditions, "NotOnOrAfter")];
  hold(from === null || from.getTime() - clockSkewMs <= nowMs, "not valid yet");
  hold(until !== null, "conditions without an end");
  hold(until.getTime() + clockSkewMs > nowMs, "expired");
  const restrictions = childrenOf(conditions, ns.assertion, "AudienceRestriction");
  hold(restrictions.length > 0, "no audience");
  // Several restrictions have to be met all, of the audiences in one of them any.
  for (const restriction of restrictions) hold(childrenOf(restriction, ns.assertion, "Audience").some((audience) => textOf(audience) === spEntityId), "another audience");
  return until.getTime();
}

function attributesOf(assertion: XmlElement): Map<string, string[]> {
  const found = new Map<string, string[]>();
  for (const statement of childrenOf(assertion, ns.assertion, "AttributeStatement")) {
    for (const attribute of childrenOf(statement, ns.assertion, "Attribute")) {
      const name = valueOf(attribute, "Name") ?? "";
      // Values that hold elements, as a persistent name, are nothing that we read.
      const values = childrenOf(attribute, ns.assertion, "AttributeValue").filter((value) => value.children.every((child) => typeof child === "string")).map(textOf);
      found.set(name, [...(found.get(name) ?? []), ...values.filter((value) => value !== "")]);
    }
  }
  return found;
}

/** A time of XML Schema in UTC, or null where there is none. Throws XmlError for anything else. */
function timeOf(element: XmlElement, name: string): Date | null {
  const text = valueOf(element, name);
  if (text === null) return null;
  const ms = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)$/.test(text) ? Date.parse(text) : Number.NaN;
  hold(!Number.isNaN(ms), `${name} that is no time`);
  return new Date(ms);
}

function need(element: XmlElement, local: string): XmlElement {
  const child = childOf(element, ns.assertion, local);
  if (!child) throw new XmlError(`no ${local}`);
  return child;
}

const only = (element: XmlElement, local: string): string => textOf(need(element, local));

function hold(isRight: boolean, what: string): asserts isRight {
  if (!isRight) throw new XmlError(what);
}
