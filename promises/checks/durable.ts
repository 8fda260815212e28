import type { CheckContext, Finding, Probe } from "#src/rooms/trust/promise.ts";
import { look, need, withProbes } from "./verdict.ts";
import type { Sight } from "./verdict.ts";

const csvOf = (n: number): Buffer => Buffer.from(`n\n${Array.from({ length: 500 }, (_, row) => row * n).join("\n")}\n`);

/** BACKUP-2. */
export function checkDurable(context: CheckContext): Promise<Finding> {
  return look(
    ({ facts }) => ({
      en: `A byte that was changed in a stored object was found by the audit and put right. An older version reads as before after a newer one came. Of the ${facts.objects} stored objects none is damaged, and each was read within ${facts.periodDays} days or is newer than that.`,
      ja: `保存済みのオブジェクトを1バイト書き換えたところ、監査が検出して修復しました。新しい版ができた後も、古い版の内容は変わりません。保存されている${facts.objects}個のオブジェクトに破損はなく、いずれも${facts.periodDays}日以内に読み直されているか、それより新しいものです。`,
    }),
    (sight) =>
      withProbes(context, async (probe) => {
        await changeOneByte(context, probe, sight);
        const { objects, overdue, damaged, repaired, periodDays } = await context.live.durability();
        Object.assign(sight.facts, { objects, overdue, damaged, repaired, periodDays });
        if (damaged > 0) sight.breach(`${damaged} stored objects are damaged, and no other copy of them was found.`, `破損したオブジェクトが${damaged}個あり、別のコピーも見つかっていません。`);
        if (overdue > 0) sight.breach(`${overdue} stored objects were not read for more than ${periodDays} days.`, `${overdue}個のオブジェクトが${periodDays}日を超えて読み直されていません。`);
      }),
  );
}

async function changeOneByte(context: CheckContext, { team, token }: Probe, sight: Sight): Promise<void> {
  const { blobs } = context.live;
  const headers = { "content-type": "text/csv", "x-filename": "n.csv" };
  const upload = { en: "upload a database", ja: "データベースのアップロード" };
  const { json: made } = need(await context.request("POST", `/api/v1/teams/${team}/databases?name=n`, { token, body: csvOf(1), headers }), [201], upload);
  need(await context.request("PUT", `/api/v1/databases/${made.id}/contents`, { token, body: csvOf(2), headers }), [200], upload);
  const key = `versions/${team}/${made.version}.sqlite`;
  const whole = await readAll(context, key);
  const changed = Buffer.from(whole);
  changed[changed.length >> 1]! ^= 1;
  await blobs.put(key, changed);
  const found = await context.live.auditObjects(team);
  const one = found.find(({ version }) => version === made.version);
  if (!one) sight.breach("A byte that was changed in a stored object was not found by the audit.", "保存済みのオブジェクトを1バイト書き換えましたが、監査で検出されませんでした。");
  else if (!one.isRepaired) sight.breach("A damaged object was not repaired, though the server has a copy of it.", "破損したオブジェクトが、サーバーにコピーがあるのに修復されませんでした。");
  if (found.length > 1) sight.breach(`The audit calls ${found.length - 1} sound objects damaged.`, `監査が、正常なオブジェクト${found.length - 1}個を破損と判定しました。`);
  const shown = await context.request("GET", `/api/v1/databases/${made.id}/download?version=${made.version}`, { token });
  if (one && (shown.status !== 200 || !shown.bytes.equals(whole))) sight.breach("An older version does not read as it was stored.", "古い版の内容が、保存したときと異なります。");
}

async function readAll(context: CheckContext, key: string): Promise<Buffer> {
  const parts: Buffer[] = [];
  const { body } = await context.live.blobs.get(key);
  for await (const part of body) parts.push(part as Buffer);
  return Buffer.concat(parts);
}
