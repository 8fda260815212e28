import { randomBytes } from "node:crypto";
import type { CheckContext, Finding, Probe } from "#src/rooms/trust/promise.ts";
import { comeIn, connect } from "./sso.ts";
import { header, look, need, withProbes } from "./verdict.ts";
import type { Sight } from "./verdict.ts";

/** What a setting for one of the two would be called. */
const settings = /^(?:min|max)?password_?(?:length|min|max|complexity|policy|rules|strength|expir\w*|history)|^session_?(?:length|duration|lifetime|timeout|days|hours|minutes|seconds|ttl|max\w*)/i;
const sessionMs = 600_000;

/** LOGIN-7. */
export function checkEnforced(context: CheckContext): Promise<Finding> {
  return look(
    ({ facts }) => ({
      en: `None of the ${facts.operations} operations of the API takes a setting for password complexity or session length. In a team made for the check that requires single sign-on, a right password was refused, the one named owner came in with theirs, and a session ended when the identity provider had said.`,
      ja: `APIの${facts.operations}件の操作に、パスワードの複雑さやセッションの長さを変更する設定はありませんでした。SSOを必須にした検査用のチームでは、正しいパスワードでもサインインが拒否され、指定されたオーナーだけがパスワードでサインインでき、セッションはIDプロバイダーの指定した時刻に終わりました。`,
    }),
    async (sight) => {
      await findSettings(context, sight);
      await withProbes(context, (probe) => requireSso(context, probe, sight));
    },
  );
}

async function findSettings(context: CheckContext, sight: Sight): Promise<void> {
  const { json } = need(await context.request("GET", "/api/v1/openapi.json"), [200], { en: "read the API's description", ja: "API定義の読み取り" });
  const operations = Object.values((json?.paths ?? {}) as Record<string, Record<string, { requestBody?: unknown; parameters?: unknown }>>).flatMap((path) => Object.values(path));
  sight.facts["operations"] = operations.length;
  for (const name of new Set(operations.flatMap(({ requestBody, parameters }) => [...namesIn(requestBody), ...namesIn(parameters)]))) {
    if (settings.test(name)) sight.breach(`The API takes a setting called ${name}.`, `APIに${name}という設定があります。`);
  }
}

/** The names of properties in a schema, at any depth. */
function namesIn(schema: unknown): string[] {
  if (Array.isArray(schema)) return schema.flatMap(namesIn);
  if (typeof schema !== "object" || schema === null) return [];
  return Object.entries(schema).flatMap(([key, value]) => [...(key === "properties" ? Object.keys(value as object) : key === "name" && typeof value === "string" ? [value] : []), ...namesIn(value)]);
}

async function requireSso(context: CheckContext, probe: Probe, sight: Sight): Promise<void> {
  const domain = await probe.claimDomain();
  const connection = await connect(context, probe);
  const people = { owner: `owner@${domain}`, staff: `staff@${domain}` };
  const password = randomBytes(12).toString("base64url");
  const enter = (email: string) => context.request("POST", "/api/v1/sessions", { body: { email, password } });
  const team = `/api/v1/teams/${probe.team}`;
  const step = async (method: string, path: string, body: unknown, statuses = [200, 204]) =>
    need(await context.request(method, path, { token: probe.token, body }), statuses, { en: "set the team up", ja: "チームの準備" });
  const ids: Record<string, string> = {};
  for (const [name, email] of Object.entries(people)) {
    const cookie = (await comeIn(context, connection, { email, sessionEndsMs: context.clock.now() + sessionMs })) ?? "";
    ids[name] = need(await context.request("GET", "/api/v1/me", { cookie }), [200], { en: "sign in by single sign-on", ja: "SSOでのサインイン" }).json.user.id;
    need(await context.request("POST", "/api/v1/passwords", { body: { link: await probe.passwordLink(email), password } }), [204], { en: "create a password", ja: "パスワードの作成" });
    if ((await enter(email)).status !== 201) sight.doubt("A password did not work before it was switched off.", "無効にする前のパスワードでサインインできませんでした。");
  }
  await step("PATCH", `${team}/members/${ids["owner"]}`, { role: "owner" });
  await step("PUT", `${team}/sso`, { breakGlassUser: ids["owner"] });
  await step("PATCH", `${team}/domains/${domain}`, { ssoRequired: true });
  const [staff, owner] = [await enter(people.staff), await enter(people.owner)];
  if (staff.status !== 403 || staff.json?.code !== "SSO_REQUIRED") sight.breach(`A password was answered with ${staff.status} where single sign-on is required.`, `SSOを必須にしたチームで、パスワードに対する応答が${staff.status}でした。`);
  if (owner.status !== 201) sight.breach(`The named owner's password was answered with ${owner.status}.`, `指定されたオーナーのパスワードに対する応答が${owner.status}でした。`);
  await holdEnd({ context, probe, connection, email: people.staff, sight });
}

async function holdEnd({ context, connection, email, sight }: { context: CheckContext; probe: Probe; connection: Parameters<typeof comeIn>[1]; email: string; sight: Sight }): Promise<void> {
  const { reply, cookie } = await arrive(context, connection, email);
  if (cookie === null) return sight.breach("Single sign-on does not work where it is required.", "SSOを必須にしたチームで、SSOによるサインインができませんでした。");
  const seconds = Number(/__Host-kliv=[^;]+;.*?Max-Age=(\d+)/.exec(reply)?.[1] ?? Infinity);
  if (seconds * 1_000 > sessionMs) sight.breach("A session lasts longer than the identity provider has said.", "IDプロバイダーの指定より長くセッションが続きます。");
}

async function arrive(context: CheckContext, connection: Parameters<typeof comeIn>[1], email: string): Promise<{ reply: string; cookie: string | null }> {
  let reply = "";
  const watching: CheckContext = {
    ...context,
    async request(...asked) {
      const answered = await context.request(...asked);
      reply = header(answered, "set-cookie");
      return answered;
    },
  };
  return { cookie: await comeIn(watching, connection, { email, sessionEndsMs: context.clock.now() + sessionMs }), reply };
}
