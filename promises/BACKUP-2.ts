import { promise } from "#src/rooms/trust/promise.ts";
import { checkDurable } from "./checks/durable.ts";

export default promise({
  id: "BACKUP-2",
  section: "backup",
  kind: "stated",
  statement: {
    en: "Customer databases are not part of that schedule. They rely on the redundancy inside Amazon S3.",
    ja: "お客様のデータベースは同じスケジュールではバックアップされず、Amazon S3の内部冗長性に依存しています。",
  },
  must: {
    en: "Each version is an object that never changes, versions are kept by policy, and an audit re-reads objects and compares their checksums.",
    ja: "各版が変更されないオブジェクトとして方針に従って保持され、監査がオブジェクトを読み直してチェックサムを比較すること。",
  },
  proof: {
    en: "A flipped byte is found.",
    ja: "1バイトだけ書き換え、検出されることを確かめます。",
  },
  everyHours: 24,
  check: checkDurable,
});
