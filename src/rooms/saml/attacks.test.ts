/* Answers that an attacker makes out of a live one, signed by the real provider: nobody but the signed person comes in, and mostly nobody. */
import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { after, before, describe, it } from "node:test";
import { Browser, makePair, noIdp, problemOf, startCorp } from "./testing.ts";
import type { Corp, Posted } from "./testing.ts";

type Change = (xml: string) => string;

const ds = 'xmlns:ds="http://www.w3.org/2000/09/xmldsig#"';
const part = (xml: string, pattern: RegExp): string => pattern.exec(xml)?.[0] ?? assert.fail(`no ${pattern.source} in ${xml}`);
const assertionOf = (xml: string): string => part(xml, /<saml:Assertion[\s\S]*<\/saml:Assertion>/);
const signatureOf = (xml: string): string => part(xml, /<ds:Signature [\s\S]*?<\/ds:Signature>/);
const unsigned: Change = (xml) => xml.replace(signatureOf(xml), "");
/** The same word about another person, under another id, and not signed. */
const evilOf = (xml: string): string => unsigned(assertionOf(xml)).replaceAll("hana@corp.example", "boss@corp.example").replace(/ ID="[^"]+"/, ' ID="_evil"');
const withAssertion = (xml: string, assertion: string): string => xml.replace(assertionOf(xml), () => assertion);
const into = (outer: string, inner: string): string => outer.replace("</saml:Assertion>", () => `${inner}</saml:Assertion>`);
const afterIssuer = (assertion: string, inner: string): string => assertion.replace("</saml:Issuer>", () => `</saml:Issuer>${inner}`);
const replaced = (xml: string, from: string | RegExp, to: string): string => {
  const changed = xml.replace(from, () => to);
  assert.notEqual(changed, xml, `nothing to change by ${String(from)}`);
  return changed;
};
const responseId = (xml: string): string => / ID="([^"]+)"/.exec(xml)?.[1] ?? "";

/** The eight wrappings of signed XML, by their usual numbers. */
const wrappings: Record<string, Change> = {
  "XSW1: the signed response within the signature of another": (xml) => {
    const evil = withAssertion(replaced(xml, responseId(xml), "_evil"), evilOf(xml));
    return evil.replace("</ds:Signature>", () => `${unsigned(xml)}</ds:Signature>`);
  },
  "XSW2: the signed response before its detached signature": (xml) => {
    const evil = withAssertion(replaced(xml, responseId(xml), "_evil"), evilOf(xml));
    return evil.replace(signatureOf(evil), () => unsigned(xml) + signatureOf(xml));
  },
  "XSW3: another assertion before the signed one": (xml) => withAssertion(xml, evilOf(xml) + assertionOf(xml)),
  "XSW3, behind it": (xml) => withAssertion(xml, assertionOf(xml) + evilOf(xml)),
  "XSW4: the signed assertion within another": (xml) => withAssertion(xml, into(evilOf(xml), assertionOf(xml))),
  "XSW5: another assertion with the signature, the signed one behind it": (xml) => withAssertion(xml, afterIssuer(evilOf(xml), signatureOf(assertionOf(xml))) + unsigned(assertionOf(xml))),
  "XSW6: the signed assertion within the signature of another": (xml) =>
    withAssertion(xml, afterIssuer(evilOf(xml), signatureOf(assertionOf(xml)).replace("</ds:Signature>", () => `${unsigned(assertionOf(xml))}</ds:Signature>`))),
  "XSW7: another assertion in the extensions": (xml) => replaced(xml, "<samlp:Status>", `<samlp:Extensions>${evilOf(xml)}</samlp:Extensions><samlp:Status>`),
  "XSW8: the signed assertion in an object of the signature of another": (xml) =>
    withAssertion(xml, afterIssuer(evilOf(xml), signatureOf(assertionOf(xml)).replace("</ds:Signature>", () => `<ds:Object>${unsigned(assertionOf(xml))}</ds:Object></ds:Signature>`))),
  "the signed assertion in the extensions, another in its place": (xml) => replaced(withAssertion(xml, evilOf(xml)), "<samlp:Status>", `<samlp:Extensions>${assertionOf(xml)}</samlp:Extensions><samlp:Status>`),
};

const inSignature = (change: Change): Change => (xml) => withAssertion(xml, assertionOf(xml).replace(signatureOf(assertionOf(xml)), () => change(signatureOf(assertionOf(xml)))));
const signedInfo = (signature: string): string => part(signature, /<ds:SignedInfo>[\s\S]*<\/ds:SignedInfo>/);
const digest = (text: string): string => part(text, /<ds:DigestValue>[^<]+<\/ds:DigestValue>/);

const tricks: [string, RegExp, Change][] = [
  ["no signature", /not signed/, (xml) => withAssertion(xml, unsigned(assertionOf(xml)))],
  ["another name under the signature", /ignature/, (xml) => replaced(xml, "hana@corp.example", "boss@corp.example")],
  ["an id twice", /an ID twice/, (xml) => replaced(xml, "<samlp:Status>", `<samlp:Status ID="${responseId(assertionOf(xml))}">`)],
  ["an id in another spelling twice", /an ID twice/, (xml) => replaced(xml, "<samlp:Status>", `<samlp:Status id="${responseId(assertionOf(xml))}">`)],
  ["an id of another namespace", /of another namespace/, (xml) => replaced(xml, "<saml:Assertion ", '<saml:Assertion samlp:ID="_evil" ')],
  ["an attribute by two prefixes of one namespace", /by two prefixes/, (xml) => replaced(xml, "<samlp:Status>", '<samlp:Status xmlns:a="urn:a" xmlns:b="urn:a" a:x="1" b:x="2">')],
  ["an assertion of no namespace beside the signed one", /none of SAML's/, (xml) => withAssertion(xml, replaced(evilOf(xml), /<saml:Assertion /, '<Assertion xmlns="urn:evil" ').replace("</saml:Assertion>", "</Assertion>") + assertionOf(xml))],
  ["a namespace that another prefix hides", /no Response|namespace/, (xml) => replaced(xml, 'xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol"', 'xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol#"')],
  ["a relative namespace, which some canonicalizations give up on", /a namespace that is none/, (xml) => replaced(xml, "<samlp:Response ", '<samlp:Response xmlns:ns="1" ')],
  ["a prefix of nothing", /prefix of no namespace/, (xml) => replaced(xml, "<samlp:Status>", "<samlp:Status><none:x/>")],
  ["two SignedInfo, the first another's", /other parts/, inSignature((s) => s.replace("<ds:SignedInfo>", () => `${signedInfo(s).replace(digest(s), "<ds:DigestValue>AAAA</ds:DigestValue>")}<ds:SignedInfo>`))],
  ["two SignedInfo, the second another's", /other parts/, inSignature((s) => s.replace("</ds:SignedInfo>", () => `</ds:SignedInfo>${signedInfo(s).replace(digest(s), "<ds:DigestValue>AAAA</ds:DigestValue>")}`))],
  ["a comment in the digest", /a comment/, (xml) => withAssertion(xml, replaced(assertionOf(xml), "<ds:DigestValue>", "<ds:DigestValue><!--AAAA-->"))],
  ["two digests", /several DigestValue/, inSignature((s) => s.replace("<ds:DigestValue>", () => "<ds:DigestValue>AAAA</ds:DigestValue><ds:DigestValue>"))],
  ["elements within the digest", /elements within/, inSignature((s) => s.replace("<ds:DigestValue>", () => "<ds:DigestValue><ds:X509Data/>"))],
  ["a reference to everything", /a Reference to something else/, inSignature((s) => replaced(s, / URI="#[^"]+"/, ' URI=""'))],
  ["a reference to the response", /a Reference to something else/, (xml) => inSignature((s) => replaced(s, / URI="#[^"]+"/, ` URI="#${responseId(xml)}"`))(xml)],
  ["two references", /other parts|several/, inSignature((s) => s.replace("</ds:SignedInfo>", () => `${part(s, /<ds:Reference[\s\S]*<\/ds:Reference>/)}</ds:SignedInfo>`))],
  ["another transform", /the algorithm|other Transforms/, inSignature((s) => replaced(s, "http://www.w3.org/2000/09/xmldsig#enveloped-signature", "http://www.w3.org/TR/1999/REC-xslt-19991116"))],
  ["comments that count", /the algorithm|other Transforms/, inSignature((s) => s.replaceAll("http://www.w3.org/2001/10/xml-exc-c14n#", "http://www.w3.org/2001/10/xml-exc-c14n#WithComments"))],
  ["two signatures of one assertion", /several signatures|several Signature/, inSignature((s) => s + s)],
  ["a signature of another namespace first", /Signature/, inSignature((s) => `<Signature xmlns="urn:evil"/>${s}`)],
  ["a document type", /a document type/, (xml) => xml.replace("<samlp:Response", "<!DOCTYPE samlp:Response><samlp:Response")],
  ["a file as an entity", /a document type/, (xml) => xml.replace("<samlp:Response", '<!DOCTYPE r [<!ENTITY f SYSTEM "file:///etc/passwd">]><samlp:Response').replace("hana@corp.example", "&f;")],
  ["a billion laughs", /a document type/, (xml) => xml.replace("<samlp:Response", `<!DOCTYPE r [<!ENTITY a "ha">${"bcdefghij".split("").map((name, i) => `<!ENTITY ${name} "${`&${"abcdefghij"[i]};`.repeat(10)}">`).join("")}]><samlp:Response`)],
  ["an entity that nobody declared", /an entity/, (xml) => xml.replace("hana@corp.example", "boss@corp.example&x;")],
  ["CDATA", /CDATA/, (xml) => xml.replace("hana@corp.example", "<![CDATA[hana@corp.example]]>")],
  ["a processing instruction", /a processing instruction/, (xml) => xml.replace("hana@corp.example", "hana@corp.example<?x?>")],
  ["another encoding", /a processing instruction/, (xml) => `<?xml version="1.0" encoding="UTF-16"?>${xml.replace(/^<\?xml.*?\?>/, "")}`],
  ["a byte order mark", /byte order/, (xml) => `\ufeff${xml}`],
  ["a zero byte", /control character/, (xml) => xml.replace("hana@corp.example", "hana@corp.example\u0000")],
  ["something behind the end", /after the end/, (xml) => `${xml}<x/>`],
  ["a thousand depths", /too many|namespace/, (xml) => xml.replace("<samlp:Status>", () => `<samlp:Extensions>${"<samlp:x>".repeat(1_000)}${"</samlp:x>".repeat(1_000)}</samlp:Extensions><samlp:Status>`)],
  ["another destination", /another destination/, (xml) => replaced(xml, / Destination="[^"]+"/, ' Destination="https://other.example/acs"')],
  ["another request", /another request/, (xml) => replaced(xml, / InResponseTo="[^"]+"/, ' InResponseTo="_other"')],
  ["no request", /another request/, (xml) => replaced(xml, / InResponseTo="[^"]+"/, "")],
  ["another issuer of the response", /another issuer/, (xml) => replaced(xml, /<saml:Issuer>[^<]+/, "<saml:Issuer>https://other.example")],
  ["a status that says no", /SAML_DENIED|Responder/, (xml) => replaced(xml.replace(assertionOf(xml), ""), "status:Success", "status:Responder")],
];

describe("forged answers", { skip: noIdp }, () => {
  let corp: Corp;
  let hana: { name: string; password: string };
  before(async () => {
    corp = await startCorp();
    hana = corp.person("hana", { mail: ["hana@corp.example"] });
    await corp.kliv.running.app.postgres.transaction({}, (tx) => corp.kliv.running.app.rooms.teams.createUser(tx, { email: "boss@corp.example", name: "Boss" }));
  });
  after(() => corp?.close());

  const counts = async (): Promise<unknown> => (await corp.query("select (select count(*) from users) as users, (select count(*) from sessions) as sessions, (select count(*) from saml_assertions) as assertions"))[0];
  const reason = async (): Promise<string> => (await corp.query(`select refusal from saml_connections where id = '${corp.connection}'`))[0].refusal;
  const changed = (form: Posted, change: Change): Posted => ({ ...form, fields: { ...form.fields, SAMLResponse: Buffer.from(change(Buffer.from(form.fields["SAMLResponse"]!, "base64").toString())).toString("base64") } });
  const refuses = async (browser: Browser, form: Posted, why: RegExp, code = /SAML_RESPONSE_INVALID|SAML_DENIED/): Promise<void> => {
    const was = await counts();
    const page = await browser.post(form);
    assert.match(problemOf(page), code);
    assert.ok(!browser.has("__Host-kliv"));
    assert.deepEqual(await counts(), was);
    assert.match(await reason(), why);
  };
  /** One live answer, forged in each of these ways; unchanged at the end it is good. */
  const forge = async (isResponseSigned: boolean, forgeries: [string, RegExp, Change][]): Promise<void> => {
    corp.idp.set({ "saml20.sign.response": isResponseSigned });
    const browser = new Browser(corp.kliv);
    const form = await browser.ask(corp.connection, hana);
    for (const [name, why, change] of forgeries) await refuses(browser, changed(form, change), why).catch((error: unknown) => assert.fail(`${name}: ${error instanceof Error ? error.message : String(error)}`));
    assert.equal((await browser.post(form)).pathname, "/");
    assert.equal((await browser.api("GET", "/api/v1/me")).json.user.email, "hana@corp.example");
  };

  it("wrappings of a signed response and of a signed assertion", async () => {
    const why = /where none belongs|not exactly one|in a Response|other parts|not signed|several|an ID twice|something else|within another/;
    const all = Object.entries(wrappings).map(([name, change]): [string, RegExp, Change] => [name, why, change]);
    await forge(true, all);
    await forge(false, all.filter(([name]) => !/^XSW[12]:/.test(name)));
  });

  it("tricks with XML, signatures and what stands around them", () => forge(false, tricks));

  it("a comment in a name does not cut it, a name in another case is no other person", async () => {
    const mallory = corp.person("mallory", { mail: ["boss@corp.example.attacker.example"] });
    const browser = new Browser(corp.kliv);
    const form = await browser.ask(corp.connection, mallory);
    await refuses(browser, changed(form, (xml) => xml.replaceAll("boss@corp.example.attacker", "boss@corp.example<!---->.attacker")), /a comment/);
    await refuses(browser, form, /SAML_DOMAIN_FOREIGN/, /SAML_DOMAIN_FOREIGN/);
  });

  it("a key that nobody trusts, SHA-1, and a public key as a secret", async () => {
    const browser = new Browser(corp.kliv);
    const good = await browser.ask(corp.connection, hana);
    const certificate = corp.idp.certificate.replace(/-----[A-Z ]+-----|\s/g, "");
    for (const secret of [corp.idp.certificate, certificate]) {
      const hmac: Change = inSignature((s) => {
        const info = signedInfo(s).replace("http://www.w3.org/2001/04/xmldsig-more#rsa-sha256", "http://www.w3.org/2000/09/xmldsig#hmac-sha1");
        const canonical = info.replace("<ds:SignedInfo>", `<ds:SignedInfo ${ds}>`).replace(/<(ds:\w+)([^>]*)\/>/g, "<$1$2></$1>");
        return s.replace(signedInfo(s), () => info).replace(/<ds:SignatureValue>[^<]+/, `<ds:SignatureValue>${createHmac("sha1", secret).update(canonical).digest("base64")}`);
      });
      await refuses(browser, changed(good, hmac), /hmac-sha1 in SignatureMethod/);
    }
    corp.idp.set({ "signature.algorithm": "http://www.w3.org/2000/09/xmldsig#rsa-sha1" });
    await corp.trust(corp.connection, { "signature.algorithm": "http://www.w3.org/2000/09/xmldsig#rsa-sha1" });
    const weak = new Browser(corp.kliv);
    await refuses(weak, await weak.ask(corp.connection, hana), /rsa-sha1 in SignatureMethod/);
    await corp.trust(corp.connection);
    const own = { privateKey: corp.idp.privateKey, certificate: corp.idp.certificate };
    corp.idp.useKey(await makePair());
    const other = new Browser(corp.kliv);
    await refuses(other, await other.ask(corp.connection, hana), /ignature/);
    corp.idp.useKey(own);
  });

  it("too early, too late, for somebody else, and too much", async () => {
    const { kliv, idp, connection } = corp;
    idp.set({});
    const minute = 60_000;
    for (const [move, why] of [[-20 * minute, /not valid yet|lives too long/], [25 * minute, /expired/]] as const) {
      const browser = new Browser(kliv);
      const form = await browser.ask(connection, hana);
      kliv.clock.move(move);
      await refuses(browser, form, why).finally(() => kliv.clock.move(-move));
    }
    const browser = new Browser(kliv);
    const form = await browser.ask(connection, hana);
    const second = await corp.connect({ name: "Second" });
    const there = new Browser(kliv);
    const foreign = await there.ask(second, hana);
    // The provider's answer for another connection, brought here with the request that waits here.
    const { acsUrl } = corp.addresses(connection);
    await refuses(browser, { action: acsUrl, fields: { ...form.fields, SAMLResponse: foreign.fields["SAMLResponse"]! } }, /another destination/);
    const adapted = changed({ action: acsUrl, fields: { ...form.fields, SAMLResponse: foreign.fields["SAMLResponse"]! } }, (xml) => {
      const mine = / InResponseTo="([^"]+)"/.exec(Buffer.from(form.fields["SAMLResponse"]!, "base64").toString())?.[1];
      return unsigned(xml.replace(/ Destination="[^"]+"/, ` Destination="${acsUrl}"`).replace(/ InResponseTo="[^"]+"/, ` InResponseTo="${mine}"`));
    });
    await refuses(browser, adapted, /InResponseTo|another (recipient|audience|request)/);
    const big = { ...form, fields: { ...form.fields, SAMLResponse: "A".repeat(400_000) } };
    assert.equal(problemOf(await browser.post(big)), "/signin SAML_RESPONSE_INVALID");
    const huge = { ...form, fields: { ...form.fields, SAMLResponse: "A".repeat(3_000_000) } };
    assert.equal(problemOf(await browser.post(huge)), "/signin SAML_RESPONSE_TOO_LARGE");
    assert.equal((await browser.post(form)).pathname, "/");
  });
});
