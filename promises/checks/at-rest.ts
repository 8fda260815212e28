import { randomBytes } from "node:crypto";
import type { CheckContext, Finding } from "#src/rooms/trust/promise.ts";
import { look, need, withProbes } from "./verdict.ts";
import type { Sight } from "./verdict.ts";

const pageObjects = 1_000;
const lookedAtOnceMax = 8;
const canaryTimes = 5_000;
// File systems keep times coarsely.
const marginMs = 10_000;

/** REST-2. */
export function checkAtRest(context: CheckContext): Promise<Finding> {
  return look(
    ({ facts }) => ({
      en: `${facts.store === "directory" ? "This installation keeps its objects in an encrypted folder instead of S3. " : ""}Each of the ${facts.objects} stored objects is encrypted with AES-256.${facts.rawFiles === undefined ? "" : ` A row that was just uploaded does not stand anywhere in the ${facts.rawBytes} raw bytes written since.`}`,
      ja: `${facts.store === "directory" ? "この環境では、S3の代わりに暗号化フォルダーにオブジェクトを保存しています。" : ""}保存された${facts.objects}個のオブジェクトがすべてAES-256で暗号化されています。${facts.rawFiles === undefined ? "" : `アップロードしたばかりの行は、その後に書き込まれた生のデータ${facts.rawBytes}バイトのどこにも現れません。`}`,
    }),
    async (sight) => {
      await plantCanary(context, sight);
      await lookAtAll(context, sight);
    },
  );
}

async function plantCanary(context: CheckContext, sight: Sight): Promise<void> {
  const { blobs, rawStore } = context.live;
  const sinceMs = rawStore ? (await rawStore.mark()) - marginMs : 0;
  const canary = `canary-${randomBytes(16).toString("hex")}`;
  const key = `promises/${canary.slice(0, 23)}`;
  const plain = Buffer.from(`${canary}\n`.repeat(canaryTimes));
  await withProbes(context, async (probe) => {
    const file = Buffer.from(`name,value\n${Array.from({ length: canaryTimes }, (_, at) => `${canary},${at}`).join("\n")}\n`);
    need(
      await context.request("POST", `/api/v1/teams/${probe.team}/databases?name=canary`, { token: probe.token, body: file, headers: { "content-type": "text/csv", "x-filename": "canary.csv" } }),
      [201], { en: "upload a database", ja: "データベースのアップロード" },
    );
    try {
      const head = await blobs.put(key, plain);
      sight.facts.store = blobs.kind;
      sight.facts.encryption = head.encryption;
      if (!(await readBack(context, key)).equals(plain)) sight.breach("An object that was just stored reads differently.", "保存したばかりのオブジェクトを読み戻すと内容が異なりました。");
      if (!rawStore) return;
      const found = await rawStore.scan([Buffer.from(canary), Buffer.from(canary, "utf16le")], { sinceMs, signal: context.signal });
      Object.assign(sight.facts, { rawFiles: found.files, rawBytes: found.bytes });
      if (found.found > 0) sight.breach(`A row that was just uploaded stands readable in ${found.found} files of the store.`, `アップロードしたばかりの行が、保存先の${found.found}個のファイルに読める状態で見つかりました。`);
      else if (found.bytes < plain.length) sight.doubt("The raw bytes of the object were not found, so they could not be searched.", "オブジェクトの生のデータが見つからず、調べられませんでした。");
    } finally {
      await blobs.delete(key);
    }
  });
}

async function readBack(context: CheckContext, key: string): Promise<Buffer> {
  const parts: Buffer[] = [];
  const { body } = await context.live.blobs.get(key);
  for await (const part of body) parts.push(part as Buffer);
  return Buffer.concat(parts);
}

async function lookAtAll(context: CheckContext, sight: Sight): Promise<void> {
  const { blobs } = context.live;
  sight.facts.objects = 0;
  let unencrypted = 0;
  for (let after: string | undefined; ; ) {
    const { items, next } = await blobs.list("", { limit: pageObjects, ...(after === undefined ? {} : { after }) });
    const waiting = items[Symbol.iterator]();
    const work = async (): Promise<void> => {
      for (const { key } of waiting) {
        context.signal.throwIfAborted();
        const seen = await encryptionOf(context, key);
        if (seen === null) continue;
        sight.facts.objects = Number(sight.facts.objects) + 1;
        if (!seen) unencrypted++;
      }
    };
    await Promise.all(Array.from({ length: lookedAtOnceMax }, work));
    if (next === null) break;
    after = next;
  }
  sight.facts.notEncrypted = unencrypted;
  if (unencrypted > 0) sight.breach(`${unencrypted} stored objects are not seen to be encrypted.`, `${unencrypted}個のオブジェクトで暗号化を確認できませんでした。`);
}

/** Null for an object that was deleted meanwhile. */
async function encryptionOf({ live }: CheckContext, key: string): Promise<boolean | null> {
  try {
    const { encrypted } = await live.blobs.verifyEncryption(key);
    return encrypted;
  } catch (error) {
    if ((error as { code?: string }).code === "BLOB_NOT_FOUND" || (await live.blobs.head(key)) === null) return null;
    throw error;
  }
}
