import { promise } from "#src/rooms/trust/promise.ts";

export default promise({
  id: "REST-3",
  section: "at_rest",
  kind: "enforced",
  statement: {
    en: "All Kliv backups are encrypted with AES.",
    ja: "Klivのバックアップは、すべてAESで暗号化されています。",
  },
  must: {
    en: "No byte of a backup reaches a disk or a bucket in the clear.",
    ja: "バックアップの内容が、平文のままディスクやバケットに書き込まれることがないこと。",
  },
  proof: {
    en: "Every file written during a backup is searched for a known row.",
    ja: "バックアップ中に書き込まれたすべてのファイルから、既知の行が見つからないことを確かめます。",
  },
  everyHours: 24,
});
