import { promise } from "#src/rooms/trust/promise.ts";
import { checkAtRest } from "./checks/at-rest.ts";

export default promise({
  id: "REST-2",
  section: "at_rest",
  kind: "enforced",
  statement: {
    en: "Customer databases are kept in Amazon S3 with 256-bit AES server-side encryption.",
    ja: "お客様のデータベースはAmazon S3に保存され、256ビットAESのサーバーサイド暗号化で保護されています。",
  },
  must: {
    en: "Every object is stored with AES-256 and verified afterwards. Where Kliv keeps its own store instead of S3, it encrypts each object itself with AES-256-GCM.",
    ja: "すべてのオブジェクトがAES-256で保存され、保存後に検証されること。S3の代わりに内蔵の保存先を使う場合は、Kliv自身がAES-256-GCMで暗号化すること。",
  },
  proof: {
    en: "A database with a known row is uploaded and the raw bytes on disk are searched for it; then the encryption of every stored object is looked at.",
    ja: "既知の行を含むデータベースをアップロードし、ディスク上の生のバイト列にその行が現れないことを調べます。さらに、保存されたすべてのオブジェクトの暗号化を確認します。",
  },
  everyHours: 24,
  timeoutMs: 300_000,
  check: checkAtRest,
});
