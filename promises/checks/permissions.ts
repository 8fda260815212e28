import { permissions } from "#src/access/permissions.ts";
import type { CheckContext, Finding, Member, Probe, Reply } from "#src/rooms/trust/promise.ts";
import { look, need, withProbes } from "./verdict.ts";
import type { Sight } from "./verdict.ts";

const roles = ["admin", "editor", "viewer"] as const;
const methods = ["get", "post", "put", "patch", "delete"];

interface Call {
  method: string;
  /** With `{name}` for what it takes. */
  path: string;
  action: keyof typeof permissions;
  of: string;
}

/** ACCESS-1, as far as the software keeps it. */
export function checkPermissions(context: CheckContext): Promise<Finding> {
  return look(
    ({ facts }) => ({
      en: `Each of ${facts.addressesDescribed} calls that the table of permissions is about was made by nobody, by another team's owner and by every role with both kinds of token: ${facts.callsMade} calls, each answered as the table says. The application's database role owns nothing and sees no team's rows unless it says whose.`,
      ja: `権限の表の対象となる${facts.addressesDescribed}件の呼び出しを、未サインインの状態、別チームのオーナー、全権限の2種類のトークンで行いました。${facts.callsMade}回のすべてが表のとおりに応答しました。アプリケーションのデータベースロールは何も所有せず、チームを明示しない限りどのチームの行も見えません。`,
    }),
    async (sight) => {
      Object.assign(sight.facts, { addressesDescribed: 0, callsMade: 0, rowsUnreached: 0 });
      await withProbes(context, (owner) => tryAll(context, owner, sight));
      await holdRole(context, sight);
    },
  );
}

async function tryAll(context: CheckContext, owner: Probe, sight: Sight): Promise<void> {
  const calls = callsOf(need(await context.request("GET", "/api/v1/openapi.json"), [200], { en: "read the API's description", ja: "APIの定義の取得" }));
  sight.facts.addressesDescribed = calls.length;
  if (calls.length < 30) sight.doubt("The API's description names hardly any call.", "APIの定義に、ほとんど呼び出しがありません。");
  const ids = await makeThings(context, owner);
  const made: { dispose(): Promise<void> }[] = [];
  try {
    const stranger = await context.live.probeActor();
    made.push(stranger);
    const members: (Member & { role: (typeof roles)[number] })[] = [];
    for (const role of roles) {
      const member = await context.live.probeMember(owner, role);
      made.push(member.probe);
      members.push({ ...member, role });
    }
    for (const call of calls) {
      const id = ids.get(call.of);
      if (id === undefined) continue;
      const ask = (token: string): Promise<Reply> => {
        sight.facts.callsMade = Number(sight.facts.callsMade) + 1;
        return context.request(call.method, pathOf(call, id), { ...(token ? { token } : {}), ...(call.method === "GET" || call.method === "DELETE" ? {} : { body: {} }) });
      };
      hold(sight, call, { en: "nobody", ja: "未サインイン" }, await ask(""), 401);
      hold(sight, call, { en: "another team's owner", ja: "別チームのオーナー" }, await ask(stranger.token), 404);
      for (const { role, token, readToken } of members) {
        for (const [scope, bearer] of [["all", token], ["read", readToken]] as const) {
          const rule = permissions[call.action];
          const isAllowed = (rule.roles as readonly string[]).includes(role) && (scope === "all" || rule.scope === "read");
          // Who may take something away is taken at their word.
          if (isAllowed && call.method === "DELETE") continue;
          hold(sight, call, { en: `a token (${scope}) of the role ${role}`, ja: `権限${role}のトークン（${scope}）` }, await ask(bearer), isAllowed ? null : 403);
        }
      }
    }
  } finally {
    for (const one of made.reverse()) await one.dispose();
  }
}

/** What a stranger's description of the API says, held against the table: a call without a rule of it is none of these. */
function callsOf({ json }: Reply): Call[] {
  const calls: Call[] = [];
  for (const [path, operations] of Object.entries((json?.paths ?? {}) as Record<string, Record<string, { "x-access"?: { action?: string; of?: string } }>>)) {
    for (const method of methods) {
      const access = operations[method]?.["x-access"];
      if (access?.action && access.of && Object.hasOwn(permissions, access.action)) calls.push({ method: method.toUpperCase(), path, action: access.action as Call["action"], of: access.of });
    }
  }
  return calls;
}

// The first place of an address is what access is about; what else it names is not there.
function pathOf({ path }: Call, id: string): string {
  let isFirst = true;
  return path.replace(/\{\w+\}/g, () => {
    const value = isFirst ? id : "1";
    isFirst = false;
    return value;
  });
}

async function makeThings(context: CheckContext, { team, token }: Probe): Promise<Map<string, string>> {
  const csv = Buffer.from("a,b\n1,2\n");
  const make = async (path: string, body: unknown, headers: Record<string, string> = {}): Promise<any> =>
    need(await context.request("POST", path, { token, body, headers }), [201, 202], { en: "make something to ask for", ja: "検査対象の作成" }).json;
  const database = (await make(`/api/v1/teams/${team}/databases?name=check`, csv, { "x-filename": "check.csv" })).id as string;
  return new Map([
    ["team", team], ["database", database],
    ["job", (await make(`/api/v1/teams/${team}/databases?name=job`, csv, { "x-filename": "check.csv", prefer: "respond-async" })).job],
    ["query", (await make(`/api/v1/teams/${team}/queries`, { name: "check", database, sql: "select 1" })).id],
    ["report", (await make(`/api/v1/teams/${team}/reports`, { schema: 1, title: "check", language: "en", parameters: [], blocks: [] })).id],
  ]);
}

/** `status` null: let through, whatever is then said of an empty body. */
function hold(sight: Sight, { method, path }: Call, who: { en: string; ja: string }, { status, json }: Reply, expected: number | null): void {
  const isRight = expected === null ? status < 500 && status !== 401 && (status !== 403 || json?.code === "SESSION_NEEDED") : status === expected;
  if (!isRight) sight.breach(`${method} ${path} was answered to ${who.en} with ${status}.`, `${method} ${path}の${who.ja}への応答が${status}でした。`);
}

async function holdRole({ live }: CheckContext, sight: Sight): Promise<void> {
  const role = await live.databaseRole();
  sight.facts.rowsUnreached = role.rowsUnreached;
  if (role.isPrivileged) sight.breach("The application's database role passes row-level security.", "アプリケーションのデータベースロールが、行レベルセキュリティを回避できます。");
  if (role.tablesOwned > 0) sight.breach(`The application's database role owns ${role.tablesOwned} tables.`, `アプリケーションのデータベースロールが${role.tablesOwned}個のテーブルを所有しています。`);
  if (role.rowsUnreached > 0) sight.breach(`The application's database role sees ${role.rowsUnreached} rows of teams that it did not ask for.`, `アプリケーションのデータベースロールから、対象としていないチームの${role.rowsUnreached}行が見えます。`);
  if (role.openTables.length > 0) sight.breach(`Tables of teams stand without a wall: ${role.openTables.join(", ")}.`, `チームのテーブルが行レベルセキュリティで守られていません：${role.openTables.join("、")}。`);
}
