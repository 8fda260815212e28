import { promise } from "#src/rooms/trust/promise.ts";

export default promise({
  id: "DEL-3",
  section: "deletion",
  kind: "enforced",
  statement: {
    en: "If a backup from before your deletion has to be restored within those 90 days, your data is deleted again once the live system is back.",
    ja: "その90日以内にデータベースの復元が必要になった場合、稼働中の本番システムが完全に復旧した後、速やかにデータを再び削除します。",
  },
  must: {
    en: "A record of deletions lives outside the database that is restored and is replayed before the restored system answers anyone.",
    ja: "削除の記録が復元対象のデータベースの外にあり、復元したシステムが応答を始める前に再適用されること。",
  },
  proof: {
    en: "Data is deleted and an older backup restored; a known row is gone before the first request is answered.",
    ja: "データを削除してから古いバックアップを復元し、最初の応答の前に既知の行が消えていることを確かめます。",
  },
  everyHours: 24,
});
