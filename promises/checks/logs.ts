import { randomBytes } from "node:crypto";
import { setTimeout as wait } from "node:timers/promises";
import type { CheckContext, Finding, LogSeen, Probe, Reply, RequestOptions } from "#src/rooms/trust/promise.ts";
import { header, look, need, withProbes } from "./verdict.ts";
import type { Sight } from "./verdict.ts";

const daysPromised = 30;
const patienceMsDefault = 5_000;
const lookEveryMs = 50;

/** LOG-2. A line is written after its answer has gone out, so there is some patience for it. */
export function checkLogs(context: CheckContext, patienceMs = patienceMsDefault): Promise<Finding> {
  return look(
    ({ facts }) => ({
      en: `${facts.callsMade} calls carried passwords, tokens, a link's secret and cells of files, most of them to be refused. The log tells of every call and holds none of the ${facts.secretsSearched} values; its lines have listed fields only, are kept for ${facts.daysKept} days, and only the server's own user can read them.`,
      ja: `パスワード、トークン、リンクの秘密の値、ファイルのセルの値を含む${facts.callsMade}件の呼び出し（多くは拒否されるもの）を行いました。ログにはすべての呼び出しが記録され、${facts.secretsSearched}個の値はどれも含まれていません。ログは一覧に定めた項目だけからなり、${facts.daysKept}日間保持され、サーバー自身のユーザーだけが読めます。`,
    }),
    (sight) =>
      withProbes(context, async (probe) => {
        const sinceMs = context.clock.now();
        const calls = createCalls(context);
        await carryThrough(calls, probe);
        const seen = await readWhenWritten(context, { sinceMs, patienceMs, ...calls });
        judge(seen, calls, sight);
      }),
  );
}

interface Calls {
  send(method: string, path: string, options?: RequestOptions): Promise<Reply>;
  /** The ids that the answers gave. */
  requests: string[];
  /** What must not be logged. */
  needles: string[];
  /** A new value that must not be logged. */
  fresh(): string;
  withoutId: number;
}

function createCalls(context: CheckContext): Calls {
  const calls: Calls = {
    requests: [],
    needles: [],
    withoutId: 0,
    fresh() {
      const value = randomBytes(15).toString("hex");
      calls.needles.push(value);
      return value;
    },
    async send(method, path, options) {
      const reply = await context.request(method, path, options);
      const id = header(reply, "x-request-id");
      if (id === "") calls.withoutId += 1;
      else calls.requests.push(id);
      return reply;
    },
  };
  return calls;
}

/** What people and programs send, right and wrong, with something in it each time that is nobody else's business. */
async function carryThrough({ send, fresh, needles }: Calls, probe: Probe): Promise<void> {
  const { token, team, user } = probe;
  const link = await probe.passwordLink();
  const password = fresh();
  needles.push(link, token);
  need(await send("POST", "/api/v1/passwords", { body: { link, password } }), [204], { en: "create a password", ja: "パスワードの作成" });
  const signedIn = need(await send("POST", "/api/v1/sessions", { body: { email: user.email, password } }), [201], { en: "sign in", ja: "サインイン" });
  for (const cookie of [signedIn.headers["set-cookie"] ?? []].flat()) {
    const secret = cookie.split(";")[0]?.split("=")[1] ?? "";
    if (secret.length > 8) needles.push(secret);
  }
  await send("POST", "/api/v1/sessions", { body: { email: user.email, password: fresh() } });
  await send("POST", "/api/v1/sessions", { body: { email: fresh(), password: "x" } });
  await send("POST", "/api/v1/passwords", { body: { link: fresh(), password: fresh() } });
  await send("GET", "/api/v1/me", { token: fresh() });
  await send("GET", `/api/v1/me?token=${fresh()}`, { token, headers: { "x-request-id": fresh(), referer: `https://elsewhere.example/?${fresh()}`, "user-agent": fresh() } });
  await send("GET", `/api/v1/databases/${fresh()}`, { token });
  await send("GET", `/${fresh()}`);
  await send("PATCH", `/api/v1/teams/${team}`, { token, body: Buffer.from(`{"name": "${fresh()}`), headers: { "content-type": "application/json" } });
  const upload = (text: string, name: string): Promise<Reply> =>
    send("POST", `/api/v1/teams/${team}/databases?name=${name}`, { token, body: Buffer.from(text), headers: { "content-type": "text/csv", "x-filename": `${fresh()}.csv` } });
  const { json } = need(await upload(`name,n\n${fresh()},1\n`, "whole"), [201], { en: "upload a file", ja: "ファイルのアップロード" });
  await upload(`a,b\n"${fresh()},1\n`, "damaged");
  const path = `/api/v1/databases/${String(json?.id)}/query`;
  await send("POST", path, { token, body: { sql: `select '${fresh()}' as a` } });
  await send("POST", path, { token, body: { sql: `select "${fresh()}" from nothing` } });
  await send("POST", path, { token, body: { sql: "select :who as a", parameters: { who: fresh() } } });
}

async function readWhenWritten(context: CheckContext, { sinceMs, patienceMs, requests, needles }: { sinceMs: number; patienceMs: number; requests: string[]; needles: string[] }): Promise<LogSeen> {
  for (let waitedMs = 0; ; waitedMs += lookEveryMs) {
    const seen = await context.live.readLog({ sinceMs, needles });
    if (waitedMs >= patienceMs || requests.every((id) => seen.requests.has(id))) return seen;
    await wait(lookEveryMs, undefined, { signal: context.signal });
  }
}

function judge(seen: LogSeen, calls: Calls, sight: Sight): void {
  const untold = calls.requests.filter((id) => !seen.requests.has(id)).length;
  Object.assign(sight.facts, {
    callsMade: calls.requests.length + calls.withoutId, secretsSearched: calls.needles.length, logLines: seen.lines, daysKept: seen.daysKept, logPrivate: seen.isPrivate,
  });
  if (seen.found > 0) sight.breach(`${seen.found} lines of the log hold a password, a token, a link's secret or a cell.`, `ログの${seen.found}行に、パスワード、トークン、リンクの秘密の値、またはセルの値が含まれています。`);
  if (seen.fieldsUnknown.length > 0) sight.breach(`The log has fields that are on no list: ${seen.fieldsUnknown.slice(0, 5).join(", ")}.`, `ログに一覧にない項目があります：${seen.fieldsUnknown.slice(0, 5).join("、")}。`);
  if (seen.malformed > 0) sight.doubt(`${seen.malformed} lines of the log could not be read.`, `ログの${seen.malformed}行を読み取れませんでした。`);
  if (!(seen.daysKept >= daysPromised)) sight.breach(`The log is kept for ${seen.daysKept} days only.`, `ログの保持期間が${seen.daysKept}日しかありません。`);
  if (!seen.isPrivate) sight.breach("Others than the server's own user can read the log's files.", "サーバー自身以外のユーザーがログのファイルを読めます。");
  if (calls.withoutId > 0) sight.breach(`${calls.withoutId} answers had no request id.`, `${calls.withoutId}件の応答にリクエストIDがありませんでした。`);
  // Said by the log itself: a flood, or a full disk. That is no proof that calls go unrecorded.
  if (untold > 0 && seen.missing > 0) sight.doubt(`The log lacks ${untold} of the calls, and says itself that lines are missing.`, `${untold}件の呼び出しがログになく、ログ自身が行の欠落を記録しています。`);
  else if (untold > 0) sight.breach(`The log does not tell of ${untold} of the calls.`, `${untold}件の呼び出しがログに記録されていません。`);
}
