import { randomBytes } from "node:crypto";
import type { CheckContext, Finding, Probe } from "#src/rooms/trust/promise.ts";
import { header, look, need, withProbes } from "./verdict.ts";
import type { Sight } from "./verdict.ts";

const atOnce = 50;

/** LOGIN-6. */
export function checkMailedLinks(context: CheckContext): Promise<Finding> {
  return look(
    ({ facts }) => ({
      en: `Signing up takes no password and is answered alike for an address with an account and without. Of ${atOnce} uses of one link at once ${facts.linksTaken} was taken. In ${facts.rowsRead} rows of the account the password stands as an argon2id hash, and no secret of it in the clear.`,
      ja: `登録時にパスワードは受け付けず、応答はアカウントの有無にかかわらず同じです。1つのリンクを同時に${atOnce}回使っても、有効だったのは${facts.linksTaken}回でした。アカウントの${facts.rowsRead}行には、パスワードがargon2idのハッシュとしてだけあり、平文の秘密はありませんでした。`,
    }),
    (sight) => withProbes(context, (probe) => checkAccount(context, probe, sight)),
  );
}

async function checkAccount(context: CheckContext, probe: Probe, sight: Sight): Promise<void> {
  Object.assign(sight.facts, { linksTaken: 0, rowsRead: 0 });
  const signUp = (body: object) => context.request("POST", "/api/v1/password-links", { body });
  const withPassword = await signUp({ email: probe.user.email, password: "correct horse battery staple" });
  if (withPassword.status < 400) sight.breach("Signing up took a password.", "登録時にパスワードが受け付けられました。");
  const [known, unknown] = [await signUp({ email: probe.user.email }), await signUp({ email: `nobody-${randomBytes(6).toString("hex")}@promise-check.invalid` })];
  need(known, [202], { en: "ask for a link", ja: "リンクの請求" });
  if (known.status !== unknown.status || !known.bytes.equals(unknown.bytes)) sight.breach("The answer tells whether an address has an account.", "応答から、アカウントの有無がわかります。");

  const link = await probe.passwordLink();
  const password = `check ${randomBytes(16).toString("hex")}`;
  const uses = await Promise.all(Array.from({ length: atOnce }, () => context.request("POST", "/api/v1/passwords", { body: { link, password } })));
  const taken = uses.filter(({ status }) => status === 204).length;
  sight.facts.linksTaken = taken;
  if (taken > 1) sight.breach(`One link was taken ${taken} times.`, `1つのリンクが${taken}回使えました。`);
  if (taken === 0) sight.doubt("A new link was not taken at all.", "新しいリンクが一度も使えませんでした。");

  const waiting = await probe.passwordLink();
  const signedIn = need(await context.request("POST", "/api/v1/sessions", { body: { email: probe.user.email, password } }), [201], { en: "sign in", ja: "サインイン" });
  const session = /=([^;]+)/.exec(header(signedIn, "set-cookie"))?.[1] ?? "";
  const rows = await context.live.storedRows(probe);
  sight.facts.rowsRead = rows.length;
  for (const [name, nameJa, secret] of [["password", "パスワード", password], ["link", "リンク", waiting], ["session", "セッション", session], ["API token", "APIトークン", probe.token]] as const) {
    if (secret.length < 16) sight.doubt(`The check has no ${name} to look for.`, `検査する${nameJa}がありませんでした。`);
    else if (rows.some((row) => row.includes(secret))) sight.breach(`A ${name} is stored in the clear.`, `${nameJa}が平文で保存されています。`);
  }
  if (!rows.some((row) => row.includes("$argon2id$"))) sight.breach("The password is not stored as an argon2id hash.", "パスワードがargon2idのハッシュとして保存されていません。");
}
