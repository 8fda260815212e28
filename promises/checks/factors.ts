import { generateSync } from "otplib";
import type { CheckContext, Finding, Probe, Reply } from "#src/rooms/trust/promise.ts";
import { createAuthenticator } from "./authenticator.ts";
import { look, need, withProbes } from "./verdict.ts";
import type { Sight } from "./verdict.ts";

const stepSeconds = 30;
export const checkPassword = "a throw-away password 検査";

/** LOGIN-2. */
export function checkFactors(context: CheckContext): Promise<Finding> {
  return look(
    ({ facts }) => ({
      en: `A throw-away account turned on one-time codes and a passkey: signing in took two steps, ${facts.refused} codes and answers that were wrong or used before were refused, a recovery code worked once, the passkey signed in by itself, and a team that required it was closed to a session without.`,
      ja: `検査用のアカウントでワンタイムコードとパスキーを有効にしました。サインインには2段階が必要になり、誤ったものや使用済みのコード・応答${facts.refused}件は拒否されました。リカバリーコードは1回だけ使え、パスキーだけでもサインインできました。必須としたチームには、2段階認証のないセッションではアクセスできませんでした。`,
    }),
    (sight) => withProbes(context, async (probe) => {
      sight.facts.refused = 0;
      const person = await setUp(context, probe);
      await holdTeam(context, { probe, ...person, sight });
      await signInTwice(context, { probe, ...person, sight });
      await usePasskey(context, { ...person, sight });
    }),
  );
}

export const cookieOf = ({ headers }: Reply, name: string): string =>
  [headers["set-cookie"] ?? []].flat().map((one) => one.split(";")[0] ?? "").find((pair) => pair.startsWith(`${name}=`)) ?? "";
const sessionOf = (reply: Reply): string => cookieOf(reply, "__Host-kliv");

/** Makes the probe's password. */
export async function makePassword(context: CheckContext, probe: Probe): Promise<void> {
  need(await context.request("POST", "/api/v1/passwords", { body: { link: await probe.passwordLink(), password: checkPassword } }), [204], { en: "create a password", ja: "パスワードの作成" });
}

export const firstStep = (context: CheckContext, probe: Probe): Promise<Reply> => context.request("POST", "/api/v1/sessions", { body: { email: probe.user.email, password: checkPassword } });

/** A right code of this secret, so many steps from now: each works once, and one step ahead is taken. */
const codeAt = ({ clock }: CheckContext, secret: string, steps: number): string => generateSync({ secret, epoch: clock.now() / 1_000 + steps * stepSeconds });

interface Person {
  /** A session that has shown a second factor, and one that began before there was any. */
  cookie: string;
  bare: string;
  secret: string;
  recoveryCodes: string[];
}

export async function setUp(context: CheckContext, probe: Probe): Promise<Person> {
  await makePassword(context, probe);
  const signIn = async (): Promise<string> => sessionOf(need(await firstStep(context, probe), [201], { en: "sign in", ja: "サインイン" }));
  const [bare, old] = [await signIn(), await signIn()];
  const setup = need(await context.request("POST", "/api/v1/me/factors/totp/setup", { cookie: old, body: {} }), [201], { en: "begin with one-time codes", ja: "ワンタイムコードの設定の開始" });
  const secret = String(setup.json.secret);
  const added = need(await context.request("POST", "/api/v1/me/factors/totp", { cookie: old, body: { code: codeAt(context, secret, 0) } }), [201], { en: "turn on one-time codes", ja: "ワンタイムコードの有効化" });
  return { cookie: sessionOf(added), bare, secret, recoveryCodes: added.json.recoveryCodes as string[] };
}

type Shown = { sight: Sight } & Person;

async function holdTeam(context: CheckContext, { probe, cookie, bare, sight }: Shown & { probe: Probe }): Promise<void> {
  const path = `/api/v1/teams/${probe.team}`;
  const reply = await context.request("PATCH", path, { cookie, body: { factorRequired: true } });
  if (reply.status !== 200) return sight.breach(`A team could not require a second factor: it was answered with ${reply.status}.`, `チームで二要素認証を必須にできませんでした（応答は${reply.status}）。`);
  for (const place of [path, `${path}/databases`, `${path}/members`]) {
    const closed = await context.request("GET", place, { cookie: bare });
    if (closed.status !== 403) sight.breach(`A session without a second factor reached a team that requires it (${closed.status}).`, `二要素認証を必須とするチームに、二要素認証のないセッションでアクセスできました（応答は${closed.status}）。`);
  }
  const open = await context.request("GET", path, { cookie });
  if (open.status !== 200) sight.breach(`A session with a second factor did not reach its team (${open.status}).`, `二要素認証を済ませたセッションで、チームにアクセスできませんでした（応答は${open.status}）。`);
}

async function signInTwice(context: CheckContext, { probe, secret, recoveryCodes, sight }: Shown & { probe: Probe }): Promise<void> {
  const attempt = async (kind: "totp" | "recovery", code: string): Promise<boolean> => {
    const first = await firstStep(context, probe);
    if (first.status === 201) {
      sight.breach("The password alone was enough for an account with a second factor.", "二要素認証のあるアカウントに、パスワードだけでサインインできました。");
      return true;
    }
    need(first, [202], { en: "sign in with the password", ja: "パスワードでのサインイン" });
    const second = await context.request("POST", "/api/v1/sessions/second-factor", { cookie: cookieOf(first, "__Host-kliv-second"), body: { kind, code } });
    return need(second, [201, 401], { en: "answer the second step", ja: "2段階目の応答" }).status === 201;
  };
  const refuse = async (kind: "totp" | "recovery", code: string, en: string, ja: string): Promise<void> => {
    if (await attempt(kind, code)) sight.breach(`${en} was accepted.`, `${ja}が受け付けられました。`);
    else sight.facts.refused = Number(sight.facts.refused) + 1;
  };
  const code = codeAt(context, secret, 1);
  const [recovery = ""] = recoveryCodes;
  await refuse("totp", String((Number(code) + 123_457) % 1_000_000).padStart(6, "0"), "A wrong code", "誤ったコード");
  if (!(await attempt("totp", code))) sight.breach("A right code was refused.", "正しいコードが拒否されました。");
  await refuse("totp", code, "A code that was used before", "使用済みのコード");
  if (!(await attempt("recovery", recovery))) sight.breach("A recovery code was refused.", "リカバリーコードが拒否されました。");
  await refuse("recovery", recovery, "A recovery code that was used before", "使用済みのリカバリーコード");
}

async function usePasskey(context: CheckContext, { cookie, sight }: Shown): Promise<void> {
  const ask = async (path: string, session = "") =>
    need(await context.request("POST", path, { body: {}, ...(session ? { cookie: session } : {}) }), [200], { en: "ask for a passkey", ja: "パスキーの要求" }).json.options;
  const key = createAuthenticator(context.origin);
  const response = key.create(await ask("/api/v1/me/factors/passkeys/options", cookie));
  const added = await context.request("POST", "/api/v1/me/factors/passkeys", { cookie, body: { name: "Promise check", response } });
  if (added.status !== 201) return sight.breach(`A passkey could not be registered: it was answered with ${added.status}.`, `パスキーを登録できませんでした（応答は${added.status}）。`);
  const signIn = (answer: unknown): Promise<Reply> => context.request("POST", "/api/v1/passkey-sessions", { body: { response: answer } });
  const options = "/api/v1/passkey-sessions/options";
  const once = key.get(await ask(options));
  if ((await signIn(once)).status !== 201) sight.breach("A passkey did not sign its person in.", "パスキーでサインインできませんでした。");
  for (const [en, ja, answer] of [
    ["The same answer of a passkey, sent again,", "再送されたパスキーの応答", once],
    ["An answer signed with another key", "別の鍵で署名された応答", key.get(await ask(options), { forged: true })],
    ["An answer given to another site", "別のサイトへの応答", key.get(await ask(options), { origin: "https://kliv.example" })],
  ] as const) {
    if ((await signIn(answer)).status === 201) sight.breach(`${en} was accepted.`, `${ja}が受け付けられました。`);
    else sight.facts.refused = Number(sight.facts.refused) + 1;
  }
}
