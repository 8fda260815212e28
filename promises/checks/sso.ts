import type { CheckContext, Finding, Probe } from "#src/rooms/trust/promise.ts";
import { makeIdp, requestIdOf } from "./idp.ts";
import type { CheckIdp, Said } from "./idp.ts";
import { header, look, need, withProbes } from "./verdict.ts";
import type { Sight } from "./verdict.ts";

interface Connection {
  id: string;
  idp: CheckIdp;
  sp: { entityId: string; acsUrl: string; idpInitiatedUrl: string };
}

type Change = Partial<Said> | ((said: Said) => Partial<Said>);

/** LOGIN-1. The check is an identity provider itself, in a team that exists for it; releases are tested against one that others wrote. */
export function checkSaml(context: CheckContext): Promise<Finding> {
  return look(
    ({ facts }) => ({
      en: `People of a team made for the check came in through ${facts.providers} identity providers, by sign-ins begun here and there, with encrypted assertions too, and got their accounts at the first time. ${facts.forgeries} forged, replayed and misdirected answers let nobody in.`,
      ja: `検査用のチームで、${facts.providers}つのIDプロバイダーから、Kliv側・プロバイダー側のどちらから始めても、暗号化されたアサーションでもサインインでき、初回にアカウントが作成されました。偽造・再送・宛先違いの応答${facts.forgeries}件では、誰もサインインできませんでした。`,
    }),
    (sight) => withProbes(context, (probe) => signInByAll(context, probe, sight)),
  );
}

async function signInByAll(context: CheckContext, probe: Probe, sight: Sight): Promise<void> {
  const domain = await probe.claimDomain();
  const [first, second] = [await connect(context, probe), await connect(context, probe)];
  Object.assign(sight.facts, { providers: 2, forgeries: 0 });
  const encryption = await readMetadata(context, first, sight);
  for (const [connection, email, change] of [[first, `one@${domain}`, {}], [second, `two@${domain}`, {}], [first, `three@${domain}`, encryption === null ? {} : { encryptFor: encryption }]] as const) {
    const cookie = await comeIn(context, connection, { email, ...change });
    await holdPerson(context, probe, { cookie, email, sight });
  }
  await forgeAll({ context, connection: first, other: second, domain, sight });
  await comeUnasked({ context, probe, connection: first, email: `one@${domain}`, sight });
}

/** Connects an identity provider of the check's own to the probe's team. */
export async function connect(context: CheckContext, probe: Probe): Promise<Connection> {
  const idp = await makeIdp(context.clock);
  const made = need(await context.request("POST", `/api/v1/teams/${probe.team}/sso-connections`, { token: probe.token, body: { name: "Promise check", metadata: idp.metadata } }), [201], { en: "connect an identity provider", ja: "IDプロバイダーの接続" });
  return { id: made.json.id, idp, sp: made.json.sp };
}

/** What a provider reads of us. Gives the certificate to encrypt for. */
async function readMetadata(context: CheckContext, { id, sp }: Connection, sight: Sight): Promise<string | null> {
  const { status, bytes } = await context.request("GET", `/saml/${id}/metadata`);
  const text = bytes.toString("utf8");
  const certificate = (use: string): string | null => new RegExp(`<md:KeyDescriptor use="${use}">.*?<ds:X509Certificate>([^<]+)`, "s").exec(text)?.[1] ?? null;
  const wanted = [`entityID="${sp.entityId}"`, `Location="${sp.acsUrl}"`, 'WantAssertionsSigned="true"'];
  const missing = [...wanted.filter((one) => !text.includes(one)), ...["signing", "encryption"].filter((use) => certificate(use) === null)];
  if (status !== 200 || missing.length > 0) sight.breach(`Our metadata for a provider lacks ${missing.join(", ") || "everything"}.`, `IDプロバイダー向けのメタデータに不足があります：${missing.join("、") || "全体"}。`);
  return certificate("encryption");
}

/** Begins here and posts what the provider says. Gives the session's cookie, or null for who was not let in. */
export async function comeIn(context: CheckContext, connection: Connection, change: Change & { email?: string }): Promise<string | null> {
  const { sp, idp, id } = connection;
  const begun = await context.request("GET", `/signin/saml/${id}`);
  const location = header(begun, "location");
  const said: Said = { email: "", recipient: sp.acsUrl, audience: sp.entityId, inResponseTo: requestIdOf(location) };
  const message = idp.answer({ ...said, ...(typeof change === "function" ? change(said) : change) });
  return await post(context, { url: sp.acsUrl, message, relayState: URL.parse(location)?.searchParams.get("RelayState") ?? "", cookie: header(begun, "set-cookie").split(";")[0] ?? "" });
}

async function post(context: CheckContext, { url, message, relayState, cookie }: { url: string; message: string; relayState?: string; cookie?: string }): Promise<string | null> {
  const body = Buffer.from(new URLSearchParams({ SAMLResponse: message, ...(relayState === undefined ? {} : { RelayState: relayState }) }).toString());
  const reply = await context.request("POST", new URL(url).pathname, {
    body, ...(cookie === undefined ? {} : { cookie }), headers: { "content-type": "application/x-www-form-urlencoded", "sec-fetch-site": "cross-site", origin: "https://promise-check.invalid" },
  });
  return /__Host-kliv=kliv_session_[\w-]+/.exec(header(reply, "set-cookie"))?.[0] ?? null;
}

async function holdPerson(context: CheckContext, probe: Probe, { cookie, email, sight }: { cookie: string | null; email: string; sight: Sight }): Promise<void> {
  if (cookie === null) return sight.breach("A person whom the identity provider has proven was not let in.", "IDプロバイダーで確認された本人がサインインできませんでした。");
  const { json } = await context.request("GET", "/api/v1/me", { cookie });
  if (json?.user?.email !== email) sight.breach("Somebody came in as another person.", "別の人としてサインインできました。");
  const teams = ((json?.teams ?? []) as { id: string }[]).map((team) => team.id);
  if (teams.length !== 1 || teams[0] !== probe.team) sight.breach("A new account is not in its provider's team alone.", "新しいアカウントが、そのIDプロバイダーのチームだけに所属していません。");
}

interface Forging {
  context: CheckContext;
  connection: Connection;
  other: Connection;
  domain: string;
  sight: Sight;
}

async function forgeAll({ context, connection, other, domain, sight }: Forging): Promise<void> {
  const email = `one@${domain}`;
  const victim = `two@${domain}`;
  const evil = (text: string): string => text.replaceAll(email, victim).replace(/ ID="[^"]+"/, ' ID="_evil"');
  const forgeries: [en: string, ja: string, change: Partial<Said>][] = [
    ["that nobody signed", "署名のない", { forge: (_, unsigned) => unsigned }],
    ["with another name under the signature", "署名後に名前を書き換えた", { forge: (signed) => signed.replaceAll(email, victim) }],
    ["with another assertion before the signed one", "署名済みアサーションの前に別のものを置いた", { forge: (signed, unsigned) => evil(unsigned) + signed }],
    ["with the signed assertion inside another", "別のアサーションの中に署名済みのものを入れた", { forge: (signed, unsigned) => evil(unsigned).replace("</saml:Assertion>", () => `${signed}</saml:Assertion>`) }],
    ["with a comment in the name", "名前にコメントを挟んだ", { forge: (signed) => signed.replace(`>${email}<`, `>${email}<!---->.x<`) }],
    ["for another service", "別のサービス宛ての", { audience: other.sp.entityId }],
    ["for another address", "宛先の異なる", { recipient: other.sp.acsUrl }],
    ["to another question", "別の要求に対する", { inResponseTo: "_another" }],
    ["to no question", "要求のない", { inResponseTo: null }],
    ["that is an hour old", "1時間前の", { agoMs: 3_600_000 }],
    ["about an address of nobody's domain", "確認されていないドメインの", { email: "one@elsewhere.invalid" }],
  ];
  const breach = (en: string, ja: string): void => sight.breach(`An answer ${en} let somebody in.`, `${ja}応答でサインインできました。`);
  const count = (): number => (sight.facts["forgeries"] = Number(sight.facts["forgeries"]) + 1);
  for (const [en, ja, change] of forgeries) {
    if ((await comeIn(context, connection, { email, ...change })) !== null) breach(en, ja);
    count();
  }
  // Signed by the other provider, which is trusted too, but not here.
  if ((await comeIn(context, { ...connection, idp: other.idp }, { email })) !== null) breach("of another provider", "別のIDプロバイダーの");
  count();
}

async function comeUnasked({ context, probe, connection, email, sight }: { context: CheckContext; probe: Probe; connection: Connection; email: string; sight: Sight }): Promise<void> {
  const { sp, idp, id } = connection;
  const message = idp.answer({ email, recipient: sp.idpInitiatedUrl, audience: sp.entityId, inResponseTo: null });
  const send = () => post(context, { url: sp.idpInitiatedUrl, message });
  if ((await send()) !== null) sight.breach("A sign-in begun at the provider was accepted though it is off.", "無効にしているのに、IDプロバイダーから始めたサインインが受け付けられました。");
  need(await context.request("PATCH", `/api/v1/teams/${probe.team}/sso-connections/${id}`, { token: probe.token, body: { idpInitiated: true } }), [200], { en: "allow sign-ins begun at the provider", ja: "プロバイダー側から始めるサインインの許可" });
  await holdPerson(context, probe, { cookie: await send(), email, sight });
  if ((await send()) !== null) sight.breach("An answer let somebody in twice.", "同じ応答で2回サインインできました。");
  sight.facts["forgeries"] = Number(sight.facts["forgeries"]) + 2;
}
