import { randomBytes } from "node:crypto";
import type { CheckContext, Finding, Probe, Reply } from "#src/rooms/trust/promise.ts";
import { cookieOf, firstStep, makePassword, setUp } from "./factors.ts";
import { CannotTell, look, need, withProbes } from "./verdict.ts";
import type { Sight } from "./verdict.ts";

const atOnce = 50;
const failuresMax = 5;
const lockSeconds = 30;
const tookMsMax = 20_000;

/** LOGIN-5. */
export function checkLock(context: CheckContext): Promise<Finding> {
  return look(
    ({ facts }) => ({
      en: `Of ${atOnce} wrong attempts at once never more than ${facts.evaluatedMax} were looked at, for an account, for a name that no account has, and for codes of the second step; then each was locked for up to ${facts.lockedSeconds} seconds, for the right password too.`,
      ja: `同時に行った${atOnce}回の誤った試行のうち、評価されたのは最大${facts.evaluatedMax}回でした。実在するアカウント、実在しない名前、2段階目のコードのいずれも同様です。その後は最大${facts.lockedSeconds}秒間ロックされ、正しいパスワードでもサインインできませんでした。`,
    }),
    async (sight) => {
      Object.assign(sight.facts, { evaluatedMax: 0, lockedSeconds: 0 });
      await guessPasswords(context, sight);
      // Another account: the first one is locked now.
      await withProbes(context, (probe) => guessCodes(context, probe, sight));
    },
  );
}

async function guessPasswords(context: CheckContext, sight: Sight): Promise<void> {
  const guess = (email: string): Promise<Reply> => context.request("POST", "/api/v1/sessions", { body: { email, password: `guess ${randomBytes(6).toString("hex")}` } });
  await withProbes(context, async (probe) => {
    await makePassword(context, probe);
    await storm(context, sight, { en: "An account", ja: "実在するアカウント" }, () => guess(probe.user.email));
    await holdLocked(context, probe, sight);
    const nobody = `nobody-${randomBytes(6).toString("hex")}@promise-check.invalid`;
    await storm(context, sight, { en: "A name that no account has", ja: "実在しない名前" }, () => guess(nobody));
  });
}

async function holdLocked(context: CheckContext, probe: Probe, sight: Sight): Promise<void> {
  const { status } = await firstStep(context, probe);
  if (status !== 429) sight.breach(`After the failures the right password was answered with ${status}, not with the lock.`, `失敗が続いた後も、正しいパスワードでのサインインがロックされませんでした（応答は${status}）。`);
}

async function guessCodes(context: CheckContext, probe: Probe, sight: Sight): Promise<void> {
  await setUp(context, probe);
  const step = cookieOf(need(await firstStep(context, probe), [202], { en: "sign in with the password", ja: "パスワードでのサインイン" }), "__Host-kliv-second");
  // Eight digits are never a code: none of them can be right by chance.
  await storm(context, sight, { en: "Codes of the second step", ja: "2段階目のコード" }, () => context.request("POST", "/api/v1/sessions/second-factor", { cookie: step, body: { kind: "totp", code: "00000000" } }));
  await holdLocked(context, probe, sight);
}

async function storm(context: CheckContext, sight: Sight, what: { en: string; ja: string }, attempt: () => Promise<Reply>): Promise<void> {
  const startMs = context.clock.now();
  const replies = await Promise.all(Array.from({ length: atOnce }, attempt));
  // The lock has an end: on a machine that takes so long nothing can be said.
  if (context.clock.now() - startMs > tookMsMax) throw new CannotTell({ en: `${atOnce} attempts took longer than the lock lasts.`, ja: `${atOnce}回の試行に、ロックの時間より長くかかりました。` });
  const evaluated = replies.filter(({ status }) => status === 401).length;
  const locked = replies.filter(({ status }) => status === 429);
  sight.facts.evaluatedMax = Math.max(Number(sight.facts.evaluatedMax), evaluated);
  if (evaluated > failuresMax) sight.breach(`${what.en}: ${evaluated} of ${atOnce} wrong attempts at once were looked at.`, `${what.ja}：同時に行った${atOnce}回の誤った試行のうち、${evaluated}回が評価されました。`);
  if (replies.length !== evaluated + locked.length) sight.doubt(`${what.en}: some attempts were answered with neither a refusal nor the lock.`, `${what.ja}：拒否でもロックでもない応答がありました。`);
  const next = await attempt();
  const seconds = Number(next.headers["retry-after"] ?? 0);
  if (next.status !== 429 || !(seconds > 0 && seconds <= lockSeconds)) sight.breach(`${what.en}: after the failures the next attempt was answered with ${next.status}, not with a lock of ${lockSeconds} seconds.`, `${what.ja}：失敗が続いた後も、${lockSeconds}秒間のロックになりませんでした（応答は${next.status}）。`);
  else sight.facts.lockedSeconds = Math.max(Number(sight.facts.lockedSeconds), seconds);
}
