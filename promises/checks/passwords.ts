import { randomBytes, randomInt } from "node:crypto";
import type { CheckContext, Finding, Probe } from "#src/rooms/trust/promise.ts";
import { CannotTell, header, look, withProbes } from "./verdict.ts";
import type { Sight } from "./verdict.ts";

// Long enough to pass on length alone, and at the top of every list of leaked passwords.
const leaked = ["password", "12345678", "PassWord", "qwertyuiop", "1q2w3e4r"];

// One code point each: one, three and four bytes in UTF-8, and two units in UTF-16 for the last.
const alphabets = [
  { name: "ASCII", first: 0x61, count: 26 },
  { name: "kanji", first: 0x4e00, count: 2_000 },
  { name: "emoji", first: 0x1f600, count: 80 },
];

/** LOGIN-4. */
export function checkPasswords(context: CheckContext): Promise<Finding> {
  return look(
    ({ facts }) => ({
      en: `${facts.refused} passwords that are too short, too long or leaked were refused, ${facts.accepted} at the limits were accepted, and the account signed in by user name and by e-mail address.`,
      ja: `短すぎる、長すぎる、または漏えい済みのパスワード${facts.refused}件が拒否され、上限と下限ちょうどの${facts.accepted}件が受け付けられました。ユーザー名とメールアドレスの両方でサインインできました。`,
    }),
    (sight) => withProbes(context, (probe) => offerPasswords(context, probe, sight)),
  );
}

async function offerPasswords(context: CheckContext, probe: Probe, sight: Sight): Promise<void> {
  const facts = Object.assign(sight.facts, { refused: 0, accepted: 0 });
  let link = await probe.passwordLink();
  const offer = async (password: string): Promise<boolean> => {
    const reply = await context.request("POST", "/api/v1/passwords", { body: { link, password } });
    if (reply.status === 422 && reply.json?.code === "PASSWORD_REFUSED") return false;
    if (reply.status !== 204) throw new CannotTell({ en: `A password was answered with ${reply.status}.`, ja: `パスワードの設定に対する応答が${reply.status}でした。` });
    // Taken: the link is used up.
    link = await probe.passwordLink();
    return true;
  };
  for (const { name, first, count } of alphabets) {
    for (const length of [1, randomInt(2, 7), 7, 129, randomInt(130, 200)]) {
      if (await offer(textOf(length, first, count))) sight.breach(`A password of ${length} characters (${name}) was accepted.`, `${length}文字（${name}）のパスワードが受け付けられました。`);
      else facts.refused++;
    }
  }
  for (const password of leaked) {
    if (await offer(password)) sight.breach("A well-known leaked password was accepted.", "広く知られた漏えい済みのパスワードが受け付けられました。");
    else facts.refused++;
  }
  let password = "";
  for (const length of [128, 8]) {
    for (const { name, first, count } of alphabets) {
      const offered = textOf(length, first, count);
      if (await offer(offered)) {
        facts.accepted++;
        password = offered;
      } else {
        sight.breach(`A password of ${length} characters (${name}) was refused.`, `${length}文字（${name}）のパスワードが拒否されました。`);
      }
    }
  }
  if (password !== "") await signIn({ context, probe, password, sight });
}

async function signIn({ context, probe, password, sight }: { context: CheckContext; probe: Probe; password: string; sight: Sight }): Promise<void> {
  const attempt = (name: string, secret: string) => context.request("POST", "/api/v1/sessions", { body: { email: name, password: secret } });
  for (const [en, ja, name] of [["e-mail address", "メールアドレス", probe.user.email], ["user name", "ユーザー名", probe.user.userName]] as const) {
    const reply = await attempt(name, password);
    if (reply.status !== 201 || header(reply, "set-cookie") === "") {
      sight.breach(`Signing in by ${en} with the right password was answered with ${reply.status}.`, `${ja}と正しいパスワードでのサインインに対する応答が${reply.status}でした。`);
    }
  }
  const wrong = await attempt(probe.user.email, `${password.slice(0, -2)}${randomBytes(4).toString("hex")}`);
  if (wrong.status !== 401) sight.breach(`Signing in with a wrong password was answered with ${wrong.status}.`, `誤ったパスワードでのサインインに対する応答が${wrong.status}でした。`);
}

function textOf(length: number, first: number, count: number): string {
  return Array.from({ length }, () => String.fromCodePoint(first + randomInt(count))).join("");
}
