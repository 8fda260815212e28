import { promise } from "#src/rooms/trust/promise.ts";

export default promise({
  id: "BACKUP-4",
  section: "backup",
  kind: "enforced",
  statement: {
    en: "A full backup snapshot of the primary database is made once every 24 hours.",
    ja: "プライマリデータベースの完全なバックアップスナップショットを、24時間ごとに1回作成します。",
  },
  must: {
    en: "The newest snapshot is never more than 24 hours old, and a late one shows before the time is up.",
    ja: "最新のスナップショットが24時間より古くならず、遅れそうな場合は期限前に表示されること。",
  },
  proof: {
    en: "A test moves the clock.",
    ja: "テストで時計を進めて確かめます。",
  },
  everyHours: 24,
});
