import { readVerifier, verifyExport } from "#src/rooms/audit/audit.ts";
import type { CheckContext, Finding, Probe, Reply } from "#src/rooms/trust/promise.ts";
import { look, need, withProbes } from "./verdict.ts";
import type { Sight } from "./verdict.ts";

/** LOG-1. */
export function checkAuditLog(context: CheckContext): Promise<Finding> {
  return look(
    ({ facts }) => ({
      en: `${facts.changesMade} changes and downloads each left exactly one event that says who, what, when and from where; ${facts.refused} refused ones left none. The export of that log verified with the public key alone and no longer did after one letter of it was changed. All ${facts.auditLogs} logs here, with ${facts.auditEvents} events, fit their trees and signed checkpoints.`,
      ja: `変更とダウンロード${facts.changesMade}件のそれぞれについて、誰が、何を、いつ、どこから行ったかの記録がちょうど1件残り、拒否された${facts.refused}件の記録は残りませんでした。ログのエクスポートは公開鍵だけで検証でき、1文字変えると検証に失敗しました。ここにある全${facts.auditLogs}個のログ（記録${facts.auditEvents}件）は、ハッシュ木および署名付きチェックポイントと一致しています。`,
    }),
    async (sight) => {
      await withProbes(context, async (probe) => {
        await holdDeeds({ context, probe, sight });
        await holdExport({ context, probe, sight });
      });
      await holdAll({ context, sight });
    },
  );
}

interface Event {
  id: string;
  at: string;
  action: string;
  actor: { id: string | null };
  address: string | null;
  requestId: string | null;
  resource: { kind: string; id: string };
}

interface Deed {
  action: string;
  method: string;
  path: string;
  body?: unknown;
  headers?: Record<string, string>;
}

interface Parts {
  context: CheckContext;
  probe: Probe;
  sight: Sight;
}

async function listEvents({ context, probe }: Omit<Parts, "sight">, query = ""): Promise<Event[]> {
  const reply = await context.request("GET", `/api/v1/teams/${probe.team}/audit-events?limit=200${query}`, { token: probe.token });
  return need(reply, [200], { en: "read the audit log", ja: "監査ログの取得" }).json.items;
}

const report = { schema: 1, title: "Audit", language: "en", parameters: [], blocks: [] };
const csv = { "content-type": "text/csv", "x-filename": "log.csv" };

async function holdDeeds(parts: Parts): Promise<void> {
  const { context, probe, sight } = parts;
  const { team, token } = probe;
  const known = new Set((await listEvents(parts)).map((event) => event.id));
  const perform = async (deed: Deed): Promise<Reply> => {
    const { action, method, path, body, headers = {} } = deed;
    const reply = await context.request(method, path, { token, headers, ...(body === undefined ? {} : { body }) });
    const events = (await listEvents(parts)).filter((event) => !known.has(event.id));
    for (const event of events) known.add(event.id);
    holdEvents({ deed, events, isDone: reply.status < 300, ...parts });
    return need(reply, action === "" ? [400, 401, 403, 404, 409, 422] : [200, 201, 204], { en: "make a change", ja: "変更の実行" });
  };
  const at = `/api/v1/teams/${team}`;
  sight.facts.changesMade = 0;
  sight.facts.refused = 0;
  await perform({ action: "team:update", method: "PATCH", path: at, body: { name: "Renamed" } });
  const { id } = (await perform({ action: "database:create", method: "POST", path: `${at}/databases?name=log`, body: Buffer.from("a,b\n1,2\n"), headers: csv })).json;
  const database = `/api/v1/databases/${id}`;
  await perform({ action: "database:update", method: "PATCH", path: database, body: { description: "for the log" } });
  await perform({ action: "database:download", method: "GET", path: `${database}/download` });
  const made = (await perform({ action: "report:create", method: "POST", path: `${at}/reports`, body: report })).json.id;
  await perform({ action: "report:publish", method: "POST", path: `/api/v1/reports/${made}/publication`, body: { visibility: "team" } });
  await perform({ action: "report:withdraw", method: "DELETE", path: `/api/v1/reports/${made}/publication` });
  await perform({ action: "report:delete", method: "DELETE", path: `/api/v1/reports/${made}` });
  await perform({ action: "team:export", method: "GET", path: `${at}/export` });
  await perform({ action: "", method: "DELETE", path: `/api/v1/reports/${made}` });
  await perform({ action: "", method: "PATCH", path: at, body: { name: "" } });
  await perform({ action: "database:delete", method: "DELETE", path: database });
  const found = await listEvents(parts, `&action=report:publish&actor=${probe.user.id}`);
  if (found.length !== 1 || found[0]?.resource.id !== made) sight.breach("Searching the log by action and person does not find the event.", "操作と人による検索で記録が見つかりません。");
}

function holdEvents({ deed, events, isDone, context, probe, sight }: Parts & { deed: Deed; events: Event[]; isDone: boolean }): void {
  const what = `${deed.method} ${deed.path.replaceAll(/\/[a-z]+_[0-9a-z]{20,}/g, "/…").replace(/\?.*/, "")}`;
  if (!isDone) {
    sight.facts.refused = Number(sight.facts.refused) + 1;
    if (events.length > 0) sight.breach(`${what} was refused, and left ${events.length} events.`, `${what}は拒否されたのに、記録が${events.length}件残りました。`);
    return;
  }
  sight.facts.changesMade = Number(sight.facts.changesMade) + 1;
  const [event] = events;
  if (events.length !== 1 || !event) return sight.breach(`${what} left ${events.length} events instead of one.`, `${what}の記録が1件ではなく${events.length}件でした。`);
  const isRecent = Math.abs(Date.parse(event.at) - context.clock.now()) < 60_000;
  const isWhole = event.action === deed.action && event.actor.id === probe.user.id && Boolean(event.address) && Boolean(event.requestId) && isRecent;
  if (!isWhole) sight.breach(`The event of ${what} does not say who, what, when and from where.`, `${what}の記録に、誰が、何を、いつ、どこからのいずれかが正しく残っていません。`);
}

/** The customer's way: an export, the public key, and nothing else of Kliv's. */
async function holdExport(parts: Parts): Promise<void> {
  const { context, probe, sight } = parts;
  const { token, team } = probe;
  const at = `/api/v1/teams/${team}/audit-events`;
  const verification = need(await context.request("GET", `${at}/verification`, { token }), [200], { en: "have the log verified", ja: "ログの検証" }).json;
  const verifier = readVerifier(String(verification.key));
  const file = need(await context.request("GET", `${at}/export`, { token }), [200], { en: "export the log", ja: "ログのエクスポート" });
  const lines = file.bytes.toString("utf8").trimEnd().split("\n");
  if (!verifier) return sight.breach("There is no public key that verifies the log.", "ログを検証できる公開鍵がありません。");
  const { trouble, size, checkpoints } = await verifyExport(() => lines, verifier);
  sight.facts.checkpoints = checkpoints;
  if (trouble) return sight.breach("The export of the log does not verify with the public key.", "ログのエクスポートが公開鍵で検証できません。");
  const listed = await listEvents(parts);
  if (size !== listed.length || !listed.every((event) => file.bytes.includes(event.id))) sight.breach("The export lacks events that are in the log.", "ログにある記録がエクスポートに含まれていません。");
  const altered = lines.map((line, place) => (place === 1 ? line.replace("database:create", "database:delete").replace("team:update", "team:delete").replace("token:create", "token:delete") : line));
  if ((await verifyExport(() => altered, verifier)).trouble === null) sight.breach("An altered event in an export is not detected.", "エクスポート内の書き換えた記録が検出されません。");
}

async function holdAll({ context, sight }: Omit<Parts, "probe">): Promise<void> {
  const logs = await context.live.verifyLogs(context.signal);
  sight.facts.auditLogs = logs.length;
  sight.facts.auditEvents = logs.reduce((sum, { size }) => sum + size, 0);
  const troubled = logs.filter(({ trouble }) => trouble !== null);
  if (troubled.length > 0) {
    sight.breach(
      `${troubled.length} logs do not fit their trees and signed checkpoints; the first trouble: ${troubled[0]?.trouble?.kind}. See: kliv audit verify.`,
      `ログ${troubled.length}個がハッシュ木または署名付きチェックポイントと一致しません（最初の問題：${troubled[0]?.trouble?.kind}）。kliv audit verify で確認してください。`,
    );
  }
}
