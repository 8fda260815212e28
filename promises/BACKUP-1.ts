import { promise } from "#src/rooms/trust/promise.ts";

export default promise({
  id: "BACKUP-1",
  section: "backup",
  kind: "enforced",
  statement: {
    en: "Kliv's configuration and metadata are backed up regularly, encrypted, and ready to be restored.",
    ja: "Klivの構成とメタデータは定期的にバックアップされ、暗号化され、必要なときに復元できるようになっています。",
  },
  must: {
    en: "Backups run on a schedule and are verified by restoring them.",
    ja: "バックアップが予定どおり実行され、実際に復元して検証されること。",
  },
  proof: {
    en: "A drill restores one and compares counts and checksums.",
    ja: "訓練で復元を行い、件数とチェックサムを比較します。",
  },
  everyHours: 24,
});
