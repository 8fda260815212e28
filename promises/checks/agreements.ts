import { createHash, randomBytes } from "node:crypto";
import type { CheckContext, Finding, Probe, Reply } from "#src/rooms/trust/promise.ts";
import { header, look, need, withProbes } from "./verdict.ts";
import type { Sight } from "./verdict.ts";

interface Named {
  kind: string;
  version: number;
}

const dayMs = 86_400_000;
const documents = ["privacy", "terms"];
const sameAs = (a: Named[], b: Named[]): boolean => write(a) === write(b);
const write = (all: Named[]): string => all.map(({ kind, version }) => `${kind} ${version}`).sort().join();

/** ACCESS-7. Nothing of the operator's is published for it: the new versions are those of a document for the check's own team alone. */
export function checkAgreements(context: CheckContext): Promise<Finding> {
  return look(
    ({ facts }) => ({
      en: `Privacy policy (version ${facts["privacyVersion"]}) and terms (version ${facts["termsVersion"]}) are shown to everybody in both languages. A new person accepted them at sign-up; of a further document each new version was asked for again from its day on and not before, and all acceptances and a noted agreement were in the team's export.`,
      ja: `プライバシーポリシー（第${facts["privacyVersion"]}版）と利用規約（第${facts["termsVersion"]}版）が、両言語でだれにでも表示されています。新しい利用者は登録時に同意しました。別の文書の新しい版は、それぞれ施行後に初めて改めて同意を求められました。すべての同意と、記録した契約がチームのエクスポートに含まれていました。`,
    }),
    async (sight) => {
      const current = await readDocuments(context, sight);
      await withProbes(context, async (probe) => {
        const cookie = await signUp({ context, probe, current, sight });
        await askAgain({ context, probe, cookie, sight });
      });
    },
  );
}

/** Both documents are there for a stranger, in both languages, and every version is what its checksum says. */
async function readDocuments(context: CheckContext, sight: Sight): Promise<Named[]> {
  const current: Named[] = [];
  for (const kind of documents) {
    const reply = need(await context.request("GET", `/api/v1/agreements/${kind}`), [200, 404], { en: "read a document", ja: "文書の取得" });
    if (reply.status === 404) {
      sight.breach(`There is no document in force: ${kind}.`, `有効な文書がありません（${kind}）。`);
      continue;
    }
    const { version, versions = [] } = reply.json ?? {};
    current.push({ kind, version });
    sight.facts[`${kind}Version`] = version;
    for (const language of ["en", "ja"]) {
      const page = await context.request("GET", `/${kind}?lang=${language}`);
      if (page.status !== 200 || !page.bytes.includes(`lang="${language}"`)) sight.breach(`The page /${kind} is not shown in ${language}.`, `ページ /${kind} が${language}で表示されません。`);
    }
    for (const one of versions as (Named & { sha256: string })[]) {
      const { status, json } = await context.request("GET", `/api/v1/agreements/${kind}?version=${one.version}`);
      const sha256 = status === 200 && json?.text?.en && json.text.ja ? createHash("sha256").update(`${json.text.en}\0${json.text.ja}`).digest("hex") : "";
      if (sha256 !== one.sha256) sight.breach(`Version ${one.version} of ${kind} is not what was published.`, `${kind}の第${one.version}版が、公開時の内容と異なります。`);
    }
  }
  return current;
}

async function signUp({ context, probe, current, sight }: { context: CheckContext; probe: Probe; current: Named[]; sight: Sight }): Promise<string> {
  const link = await probe.passwordLink();
  const account = need(await context.request("POST", "/api/v1/passwords/account", { body: { link } }), [200], { en: "read the link", ja: "リンクの確認" });
  const asked: Named[] = account.json?.agreements?.pending ?? [];
  if (!sameAs(asked, current)) sight.breach("At sign-up the documents in force are not asked for.", "登録時に、有効な文書への同意が求められません。");
  const password = randomBytes(12).toString("hex");
  const body = { link, password, ...(asked.length > 0 ? { accepted: asked } : {}) };
  need(await context.request("POST", "/api/v1/passwords", { body }), [204], { en: "create the password", ja: "パスワードの作成" });
  const session = need(await context.request("POST", "/api/v1/sessions", { body: { email: probe.user.email, password } }), [201], { en: "sign in", ja: "サインイン" });
  const cookie = header(session, "set-cookie").split(";")[0] ?? "";
  const left = await pendingOf(context, cookie);
  if (left.some((one) => asked.some((other) => sameAs([one], [other])))) sight.breach("What was accepted at sign-up is asked for again.", "登録時に同意した文書への同意が、再び求められました。");
  await holdExport({ context, probe, expected: asked, sight });
  return cookie;
}

async function askAgain({ context, probe, cookie, sight }: { context: CheckContext; probe: Probe; cookie: string; sight: Sight }): Promise<void> {
  const accept = (accepted: Named[]): Promise<Reply> => context.request("POST", "/api/v1/me/agreements", { cookie, body: { accepted } });
  const accepted: Named[] = [];
  sight.facts["versionsAsked"] = 0;
  for (let round = 0; round < 2; round++) {
    const made = await context.live.agreements.publish(probe);
    if (!(await pendingOf(context, cookie)).some((one) => sameAs([one], [made]))) {
      sight.breach("A new version is not asked for.", "新しい版への同意が求められません。");
      return;
    }
    sight.facts["versionsAsked"] = round + 1;
    const other = await accept([{ ...made, version: made.version + 1 }]);
    if (other.status < 400) sight.breach("A version that is not in force could be accepted.", "施行されていない版に同意できました。");
    need(await accept([made]), [200], { en: "accept a version", ja: "版への同意" });
    accepted.push(made);
    if ((await pendingOf(context, cookie)).some((one) => one.kind === made.kind)) sight.breach("A version that was accepted is asked for again.", "同意した版への同意が、再び求められました。");
    await holdExport({ context, probe, expected: accepted, sight });
  }
  const later = await context.live.agreements.publish(probe, new Date(context.clock.now() + dayMs));
  if ((await pendingOf(context, cookie)).some((one) => sameAs([one], [later]))) sight.breach("A version is asked for before it is in force.", "施行前の版への同意が求められました。");
  await holdNoted({ context, probe, sight });
}

async function pendingOf(context: CheckContext, cookie: string): Promise<Named[]> {
  const me = need(await context.request("GET", "/api/v1/me", { cookie }), [200], { en: "ask who is signed in", ja: "サインイン中の利用者の確認" });
  return me.json?.agreements?.pending ?? [];
}

const exportOf = async (context: CheckContext, probe: Probe): Promise<any> =>
  need(await context.request("GET", `/api/v1/teams/${probe.team}/export`, { token: probe.token }), [200], { en: "export the workspace", ja: "ワークスペースのエクスポート" }).json;

async function holdExport({ context, probe, expected, sight }: { context: CheckContext; probe: Probe; expected: Named[]; sight: Sight }): Promise<void> {
  const rows: (Named & { email: string; acceptedAt: string })[] = (await exportOf(context, probe))?.agreements?.accepted ?? [];
  const own = rows.filter((row) => row.email === probe.user.email && typeof row.acceptedAt === "string");
  const missing = expected.filter((one) => !own.some((row) => sameAs([row], [one])));
  if (missing.length > 0) sight.breach("The export lacks an acceptance.", "エクスポートに同意の記録が欠けています。");
  if (own.length > expected.length && expected.every(({ kind }) => documents.includes(kind))) sight.breach("The export tells of an acceptance that there was not.", "エクスポートに、実際にはない同意が含まれています。");
}

async function holdNoted({ context, probe, sight }: { context: CheckContext; probe: Probe; sight: Sight }): Promise<void> {
  const title = `契約 ${randomBytes(6).toString("hex")}`;
  await context.live.agreements.note(probe, title);
  const shown = need(await context.request("GET", `/api/v1/teams/${probe.team}/agreements`, { token: probe.token }), [200], { en: "list the team's agreements", ja: "チームの契約の取得" });
  const isShown = (shown.json?.items ?? []).some((one: { title: string }) => one.title === title);
  const isExported = ((await exportOf(context, probe))?.agreements?.noted ?? []).some((one: { title: string }) => one.title === title);
  if (!isShown || !isExported) sight.breach("A team's own agreement was noted and is not shown or not exported.", "記録したチーム固有の契約が、表示またはエクスポートされません。");
}
