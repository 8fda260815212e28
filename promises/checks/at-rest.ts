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
    (sight) => plantCanary(context, sight),
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
      // While the check's own objects are there, so that an empty store is no proof of anything.
      await lookAtAll(context, sight);
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

/** What can be seen of one object: that it is encrypted, that it is not, or only that the store took the order to. */
type Seen = "encrypted" | "plain" | "promised" | "gone";

async function lookAtAll(context: CheckContext, sight: Sight): Promise<void> {
  const { blobs } = context.live;
  const counts: Record<Seen, number> = { encrypted: 0, plain: 0, promised: 0, gone: 0 };
  for (let after: string | undefined; ; ) {
    const { items, next } = await blobs.list("", { limit: pageObjects, ...(after === undefined ? {} : { after }) });
    const waiting = items[Symbol.iterator]();
    const work = async (): Promise<void> => {
      for (const { key } of waiting) {
        context.signal.throwIfAborted();
        counts[await encryptionOf(context, key)]++;
      }
    };
    await Promise.all(Array.from({ length: lookedAtOnceMax }, work));
    if (next === null) break;
    after = next;
  }
  const { encrypted, plain, promised } = counts;
  Object.assign(sight.facts, { objects: encrypted + plain + promised, notEncrypted: plain });
  if (plain > 0) sight.breach(`${plain} stored objects are not encrypted.`, `${plain}個のオブジェクトが暗号化されていません。`);
  if (promised > 0) sight.doubt(`The store took the order to encrypt, but does not show for ${promised} objects that it did.`, `保存先は暗号化の指示を受け付けましたが、${promised}個のオブジェクトについて、実際に暗号化されたことを示していません。`);
  if (encrypted + plain + promised === 0) sight.doubt("No stored object was found to look at.", "確認する対象のオブジェクトが見つかりませんでした。");
}

async function encryptionOf({ live }: CheckContext, key: string): Promise<Seen> {
  try {
    const { encrypted, how } = await live.blobs.verifyEncryption(key);
    return encrypted ? "encrypted" : how.includes("accepted, not shown") ? "promised" : "plain";
  } catch (error) {
    if ((error as { code?: string }).code === "BLOB_NOT_FOUND" || (await live.blobs.head(key)) === null) return "gone";
    throw error;
  }
}
