import { once } from "node:events";
import { request as send } from "node:https";
import { performance } from "node:perf_hooks";
import type { CheckContext, Finding, Member, Probe } from "#src/rooms/trust/promise.ts";
import { cookieOf, firstStep, makePassword } from "./factors.ts";
import { look, need, withProbes } from "./verdict.ts";
import type { Sight } from "./verdict.ts";

const promisedMs = 5_000;

/** ACCESS-5, for the people of customers' teams. */
export function checkLeaving(context: CheckContext): Promise<Finding> {
  return look(
    ({ facts }) => ({
      en: `A person who was removed from a team, and one whose role was lowered, had a session, an API token and an upload under way: all of it had ended after at most ${facts.endedMs} ms.`,
      ja: `チームから外された人と、権限を下げられた人のセッション、APIトークン、実行中のアップロードは、最長${facts.endedMs}ミリ秒ですべて終了しました。`,
    }),
    async (sight) => {
      Object.assign(sight.facts, { endedMs: 0, limitMs: promisedMs });
      await withProbes(context, async (owner) => {
        const path = `/api/v1/teams/${owner.team}/members/`;
        await end(context, sight, { owner, what: { en: "Removed", ja: "チームから外した後" }, act: (user) => ["DELETE", `${path}${user}`] });
        await end(context, sight, { owner, what: { en: "With a lower role", ja: "権限を下げた後" }, act: (user) => ["PATCH", `${path}${user}`, { role: "viewer" }] });
      });
    },
  );
}

interface Ending {
  owner: Probe;
  what: { en: string; ja: string };
  act(user: string): [method: string, path: string, body?: object];
}

async function end(context: CheckContext, sight: Sight, { owner, what, act }: Ending): Promise<void> {
  const member = await context.live.probeMember(owner, "editor");
  try {
    await makePassword(context, member.probe);
    const cookie = cookieOf(need(await firstStep(context, member.probe), [201], { en: "sign a member in", ja: "メンバーのサインイン" }), "__Host-kliv");
    // What an editor may and a viewer may not: with an empty body it is refused in words to whoever is let through.
    const works = async (as: { token?: string; cookie?: string }): Promise<boolean> => ![401, 403, 404].includes((await context.request("POST", `/api/v1/teams/${owner.team}/reports`, { ...as, body: {} })).status);
    if (!(await works({ token: member.token })) || !(await works({ cookie }))) return sight.doubt("A new member could not work at all.", "追加したメンバーが操作できませんでした。");
    const upload = await openUpload(context, owner, member);
    const [method, path, body] = act(member.probe.user.id);
    const startMs = performance.now();
    need(await context.request(method, path, { token: owner.token, body }), [204], { en: "change the member", ja: "メンバーの変更" });
    const left: [{ en: string; ja: string }, () => Promise<boolean>][] = [
      [{ en: "the API token", ja: "APIトークン" }, () => works({ token: member.token })], [{ en: "the session", ja: "セッション" }, () => works({ cookie })],
    ];
    for (const [thing, stillWorks] of left) {
      while ((await stillWorks()) && performance.now() - startMs < promisedMs) context.signal.throwIfAborted();
      if (await stillWorks()) sight.breach(`${what.en}: ${thing.en} still works after ${promisedMs / 1_000} seconds.`, `${what.ja}：${promisedMs / 1_000}秒後も${thing.ja}が使えました。`);
    }
    if (!(await upload.endsWithin(promisedMs - (performance.now() - startMs)))) sight.breach(`${what.en}: an upload goes on after ${promisedMs / 1_000} seconds.`, `${what.ja}：${promisedMs / 1_000}秒後もアップロードが続いていました。`);
    sight.facts.endedMs = Math.max(Number(sight.facts.endedMs), Math.round(performance.now() - startMs));
    upload.close();
  } finally {
    await member.probe.dispose();
  }
}

/** An upload that has begun and would go on. */
async function openUpload({ origin, ca, signal }: CheckContext, owner: Probe, member: Member): Promise<{ endsWithin(ms: number): Promise<boolean>; close(): void }> {
  const sent = send(new URL(`/api/v1/teams/${owner.team}/databases?name=check`, origin), {
    method: "POST", agent: false, signal, ...(ca.length > 0 ? { ca } : {}),
    headers: { authorization: `Bearer ${member.token}`, "x-filename": "check.csv", "content-length": "1000000" },
  });
  const ended = once(sent, "close").then(() => true, () => true);
  sent.on("error", () => {});
  sent.on("response", () => sent.destroy());
  await new Promise((written) => sent.write("a,b\n1,2\n", written));
  return {
    async endsWithin(ms) {
      let timer: NodeJS.Timeout | undefined;
      const late = new Promise<boolean>((resolve) => (timer = setTimeout(() => resolve(false), Math.max(ms, 0))));
      return await Promise.race([ended, late]).finally(() => clearTimeout(timer));
    },
    close: () => void sent.destroy(),
  };
}
