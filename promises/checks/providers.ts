import { randomBytes } from "node:crypto";
import type { CheckContext, Finding, Reply } from "#src/rooms/trust/promise.ts";
import { CannotTell, header, look, need, withProbes } from "./verdict.ts";
import type { Sight } from "./verdict.ts";

interface Provider {
  name: string;
  title: string;
  url: string;
  isGoogle: boolean;
}

/** LOGIN-3. Without a provider there is no such sign-in here, and nothing is known of the promise. */
export function checkProviders(context: CheckContext): Promise<Finding> {
  return look(
    ({ facts }) => ({
      en: `Sign-in was begun at ${facts.providers} configured providers: each time with PKCE, a new state and a new nonce, bound to the browser. An answer in another browser opened nothing, and a person whom a provider has proven was asked for no password and no second factor, even in a team that requires one.`,
      ja: `設定済みの${facts.providers}件のプロバイダーでサインインを開始し、毎回PKCEと新しいstate、nonceが使われ、ブラウザーに結び付けられていることを確認しました。別のブラウザーで受け取った応答ではサインインできず、プロバイダーで確認された本人には、二要素認証が必須のチームでも、パスワードや二要素認証が求められませんでした。`,
    }),
    async (sight) => {
      const { json } = need(await context.request("GET", "/api/v1/sign-in-providers"), [200], { en: "read the providers", ja: "プロバイダー一覧の読み取り" });
      const providers = (json?.items ?? []) as Provider[];
      sight.facts.providers = providers.length;
      if (providers.length === 0) {
        throw new CannotTell({ en: "No provider is set up on this installation, so nobody signs in this way.", ja: "この環境にはサインイン用のプロバイダーが設定されていないため、確認できません。" });
      }
      for (const provider of providers) await beginTwice(context, provider, sight);
      await comeIn(context, sight);
    },
  );
}

async function beginTwice(context: CheckContext, provider: Provider, sight: Sight): Promise<void> {
  const [first, second] = [await context.request("GET", provider.url), await context.request("GET", provider.url)];
  const [one, other] = [placeOf(context, first), placeOf(context, second)];
  if (one === null || other === null || one.origin === context.origin || other.origin === context.origin) {
    const code = one?.searchParams.get("problem") ?? other?.searchParams.get("problem") ?? String(first.status);
    sight.doubt(`Sign-in at ${provider.title} could not be begun (${code}).`, `${provider.title}でのサインインを開始できませんでした（${code}）。`);
    return;
  }
  judge({ context, provider, sight }, one, first);
  for (const name of ["state", "nonce", "code_challenge"]) {
    if (one.searchParams.get(name) === other.searchParams.get(name)) sight.breach(`Two sign-ins at ${provider.title} had the same ${name}.`, `${provider.title}での2回のサインインで${name}が同じでした。`);
  }
  // Whatever comes back to a browser that did not begin it opens nothing.
  const stolen = new URLSearchParams({ state: one.searchParams.get("state") ?? "", code: randomBytes(16).toString("hex") });
  for (const cookie of ["", pairOf(second)]) {
    const back = await context.request("GET", `${provider.url}/callback?${stolen}`, cookie === "" ? {} : { cookie });
    const isIn = header(back, "set-cookie").includes("kliv_session");
    if (isIn || placeOf(context, back)?.searchParams.get("problem") !== "OIDC_REQUEST_INVALID") {
      sight.breach(`An answer of ${provider.title} was taken from a browser that had not begun the sign-in.`, `サインインを開始していないブラウザーから${provider.title}の応答が受け付けられました。`);
    }
  }
}

/** What an authorization request has to be: OpenID Connect Core 1.0, RFC 7636, RFC 9700. */
function judge({ context, provider, sight }: { context: CheckContext; provider: Provider; sight: Sight }, url: URL, reply: Reply): void {
  const asked = url.searchParams;
  const wrong = (what: string): void => sight.breach(`Sign-in at ${provider.title} is begun wrongly: ${what}.`, `${provider.title}でのサインインの開始方法に誤りがあります：${what}。`);
  const isLocal = context.live.environment === "development" && ["localhost", "127.0.0.1", "[::1]"].includes(url.hostname);
  if (url.protocol !== "https:" && !isLocal) wrong("http");
  if (provider.isGoogle && url.origin !== "https://accounts.google.com") wrong(url.origin);
  const expected = { response_type: "code", code_challenge_method: "S256", redirect_uri: `${context.origin}${provider.url}/callback` };
  for (const [name, value] of Object.entries(expected)) if (asked.get(name) !== value) wrong(`${name}=${asked.get(name) ?? ""}`);
  for (const name of ["openid", "email"]) if (!(asked.get("scope") ?? "").split(" ").includes(name)) wrong(`scope=${asked.get("scope") ?? ""}`);
  // 128 bits at least; a SHA-256 in base64url has 43 characters.
  if ((asked.get("client_id") ?? "") === "") wrong("client_id");
  for (const name of ["state", "nonce"]) if ((asked.get(name) ?? "").length < 22) wrong(name);
  if (!/^[\w-]{43}$/.test(asked.get("code_challenge") ?? "")) wrong("code_challenge");
  const cookie = header(reply, "set-cookie");
  if (!cookie.startsWith("__Host-") || !["Secure", "HttpOnly", "SameSite=Lax", "Path=/"].every((rule) => cookie.split("; ").includes(rule))) wrong("cookie");
}

/** Whom a provider has proven is in, at once and wholly: even in a team that requires a second factor. */
async function comeIn(context: CheckContext, sight: Sight): Promise<void> {
  await withProbes(context, async (probe) => {
    const cookie = await probe.comeFromProvider().catch((error: unknown) => {
      const code = error instanceof Error && "code" in error ? String(error.code) : "error";
      sight.breach(`A person whom a provider has proven was not let in (${code}).`, `プロバイダーで確認された本人がサインインできませんでした（${code}）。`);
      return null;
    });
    if (cookie === null) return;
    const strict = await context.request("PATCH", `/api/v1/teams/${probe.team}`, { cookie, body: { factorRequired: true } });
    if (strict.status !== 200) sight.breach(`Single sign-on does not count as a second factor (${strict.json?.code ?? strict.status}).`, `シングルサインオンが二要素認証として扱われていません（${strict.json?.code ?? strict.status}）。`);
    for (const path of ["/api/v1/me", `/api/v1/teams/${probe.team}/databases`, `/api/v1/teams/${probe.team}/reports`]) {
      const { status, json } = await context.request("GET", path, { cookie });
      if (status !== 200) sight.breach(`After single sign-on something more was asked for (${json?.code ?? status}).`, `シングルサインオンの後に追加の操作が求められました（${json?.code ?? status}）。`);
    }
  });
}

function placeOf({ origin }: CheckContext, reply: Reply): URL | null {
  return reply.status === 303 ? URL.parse(header(reply, "location"), origin) : null;
}

const pairOf = (reply: Reply): string => header(reply, "set-cookie").split(";")[0] ?? "";
